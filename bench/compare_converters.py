#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""midge's converter and TensorFlow's, side by side, measured in one run on this machine.

    compare_converters.py [--cli build/midge] [--turns 3] [--int8]

Prints time, peak memory, sizes and accuracy of both, with the ratio that counts, its target and
whether it is met; returns 1 when one is missed. MobileNetV2 has random weights, and statistics of
normalisation as after training. Times are of whole commands, the lowest of some turns; for
TensorFlow also without its start. What it needs from PyPI goes into build/venv-tensorflow, and only
when neither the Python at hand nor MIDGE_VENV_TENSORFLOW has it.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import compare_int8
import python_env

STEPS = pathlib.Path(__file__).resolve().parent / "tensorflow_converter.py"


class Row:
    """One line of the table; `target` is "<= 0.2" or ">= 0", judged by `value`."""

    def __init__(self, what, ours, theirs, value="", target=""):
        self.cells = [what, ours, theirs, value if isinstance(value, str) else f"{value:.3g}",
                      target]
        self.met = None
        if target:
            sign, bound = target.split()[:2]
            self.met = bool(value <= float(bound) if sign == "<=" else value >= float(bound))
        self.cells.append({None: "", True: "met", False: "MISSED"}[self.met])


def measure(command):
    """(seconds, peak bytes, standard output) of a process; exits when it fails."""
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as trouble:
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=trouble)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = status
        for file in (output, trouble):
            file.seek(0)
        if status != 0:
            raise SystemExit(f"{' '.join(map(str, command))}\n{trouble.read()[-2000:]}")
        return seconds, usage.ru_maxrss * 1024, output.read()


def step(*arguments):
    seconds, peak, text = measure([sys.executable, STEPS, *arguments])
    return seconds, peak, json.loads(text.strip().splitlines()[-1])


def lowest(turns, run):
    """Lowest time and highest peak of some turns; the last element of each result is kept."""
    results = [run() for _ in range(turns)]
    return min(r[0] for r in results), max(r[1] for r in results), results


def snr(reference, value):
    import numpy
    reference = reference.astype("f8")
    return 10 * numpy.log10((reference ** 2).sum() / ((reference - value) ** 2).sum())


def show_seconds(value):
    return f"{value:.3f} s"


def show_bytes(value):
    return f"{value / 1e6:.1f} MB"


def show_size(value):
    return f"{value / 1e3:.1f} kB"


def folder_size(path):
    return sum(file.stat().st_size for file in pathlib.Path(path).rglob("*") if file.is_file())


class Comparison:
    def __init__(self, options, folder):
        self.cli, self.turns, self.folder = options.cli, options.turns, folder
        self.rows = []

    def add(self, *arguments):
        self.rows.append(Row(*arguments))

    def at(self, name):
        return os.path.join(self.folder, name)

    def midge(self, *arguments):
        return measure([self.cli, "convert", *arguments])

    def run(self, *arguments):
        return measure([self.cli, *arguments])

    def input_shape(self, model):
        return step("input_shape", model)[2]["shape"]

    def time_both(self, kind, ours, theirs, target, memory_target):
        """Time and memory of a conversion by both."""
        our_time, our_peak, _ = lowest(self.turns, ours)
        their_time, their_peak, results = lowest(max(1, self.turns - 1), theirs)
        bare = min(result[2]["seconds"] for result in results)
        self.add(f"{kind}: time", show_seconds(our_time), show_seconds(their_time),
                 our_time / their_time, target)
        self.add(f"{kind}: without its start", show_seconds(our_time), show_seconds(bare),
                 our_time / bare, target)
        self.add(f"{kind}: peak memory", show_bytes(our_peak), show_bytes(their_peak),
                 our_peak / their_peak, memory_target)

    def convert_mobilenet(self):
        source, given = self.at("mobilenet_v2.keras"), self.at("calibration.npy")
        self.time_both("MobileNetV2 to float",
                       lambda: self.midge(source, "-o", self.at("ours.tflite")),
                       lambda: step("convert", "float", source, self.at("theirs.tflite")),
                       "<= 0.02", "<= 0.1")
        self.time_both("MobileNetV2 to int8, 100 pictures",
                       lambda: self.midge(source, "-o", self.at("ours8.tflite"), "-O", "int8", "-c",
                                          given),
                       lambda: step("convert", "int8", source, self.at("theirs8.tflite"), given),
                       "<= 0.2", "")
        self.midge(source, "-o", self.at("corrected8.tflite"), "-O", "int8", "-c", given,
                   "--correct-bias")
        for kind, ending in (("float", ""), ("int8", "8")):
            ours, theirs = (os.path.getsize(self.at(f"{name}{ending}.tflite"))
                            for name in ("ours", "theirs"))
            self.add(f"MobileNetV2 to {kind}: size", show_size(ours), show_size(theirs),
                     ours / theirs)

    def outputs(self, model, given="fresh.npy"):
        import numpy
        result = self.at("outputs.npy")
        step("interpret" if model.endswith(".tflite") else "keras", self.at(model), self.at(given),
             result)
        return numpy.load(result)

    def compare_outputs(self):
        import numpy
        keras = self.outputs("mobilenet_v2.keras")
        ours, theirs = (numpy.abs(self.outputs(f"{name}.tflite") - keras).max()
                        / max(1, numpy.abs(keras).max()) for name in ("ours", "theirs"))
        self.add("float: error against Keras / max(1, largest)", f"{ours:.2g}", f"{theirs:.2g}",
                 float(ours), "<= 1e-4")
        theirs = snr(keras, self.outputs("theirs8.tflite"))
        for name, what in (("ours8", "int8: signal to noise"),
                           ("corrected8", "int8: same, --correct-bias")):
            ours = snr(keras, self.outputs(f"{name}.tflite"))
            self.add(what, f"{ours:.2f} dB", f"{theirs:.2f} dB", ours - theirs, ">= 0 dB more")

    def measure_article(self):
        given = self.at("article.npy")
        for name in ("article.keras", "article.h5", "article_saved_model"):
            path = self.at(name)
            size = folder_size(path) if os.path.isdir(path) else os.path.getsize(path)
            self.add(f"article's network: {name}", show_size(size), show_size(size))
        source = self.at("article.keras")
        self.midge(source, "-o", self.at("article.tflite"))
        self.midge(source, "-o", self.at("article8.tflite"), "-O", "int8", "-c", given)
        step("convert", "float", source, self.at("their_article.tflite"))
        step("convert", "int8", source, self.at("their_article8.tflite"), given)
        for kind, ending, target in (("float", "", "<= 1.01"), ("int8", "8", "<= 1.01")):
            ours, theirs = (os.path.getsize(self.at(f"{name}{ending}.tflite"))
                            for name in ("article", "their_article"))
            self.add(f"article's network: {kind} .tflite", show_size(ours), show_size(theirs),
                     ours / theirs, target)


def print_table(rows):
    head = ["", "midge", "TensorFlow", "ratio", "target", "verdict"]
    lines = [head] + [row.cells for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        cells = [cell.ljust(width) if column == 0 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())
    missed = [row.cells[0] for row in rows if row.met is False]
    print(f"\n{sum(row.met is True for row in rows)} targets met, {len(missed)} missed"
          + "".join(f"\nmissed: {name}" for name in missed))
    return missed


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cli", type=pathlib.Path, default=ROOT / "build" / "midge")
    arguments.add_argument("--turns", type=int, default=3)
    arguments.add_argument("--int8", action="store_true",
                           help="only the networks of compare_int8.py: no times, no MobileNetV2")
    return arguments.parse_args()


def main():
    options = parse_arguments()
    place = os.environ.get("MIDGE_VENV_TENSORFLOW")
    python = os.path.join(place, "bin", "python") if place else ""
    if python and os.path.exists(python) and sys.prefix != os.path.abspath(place):
        os.execv(python, [python, *sys.argv])
    reason = python_env.continue_in({"tensorflow": "tensorflow-cpu"}, "venv-tensorflow")
    if reason:
        raise SystemExit(f"compare_converters.py: no TensorFlow to compare with: {reason}")
    with tempfile.TemporaryDirectory() as folder:
        _, _, versions = step("versions" if options.int8 else "make", folder)
        print(f"TensorFlow {versions['tensorflow']}, Keras {versions['keras']}, "
              f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}\n", flush=True)
        comparison = Comparison(options, folder)
        if not options.int8:
            comparison.convert_mobilenet()
            comparison.compare_outputs()
            comparison.measure_article()
        compare_int8.add_rows(comparison)
        sys.exit(bool(print_table(comparison.rows)))


if __name__ == "__main__":
    main()
