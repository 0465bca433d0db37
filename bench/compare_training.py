#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Training by midge and by TensorFlow, side by side in one run on this machine.

    compare_training.py [--cli build/midge] [--data DIR] [--tensorflow PYTHON] [--epochs 10]
                        [--conv-epochs 12] [--seeds 5] [--threads N] [--parts article,conv,steps]
                        [--json FILE]

article  the network of TensorFlow's first tutorial on Fashion-MNIST, batch 32: accuracy on the test
         pictures (the mean over equally many seeds of both, the difference with its standard error:
         one seed alone is off by half a point at times), time of an
         epoch (the median), largest resident memory of the process
conv     the built-in network "conv": accuracy, and that of its int8 form
steps    weights after 100 steps on equal batches, for each optimiser, from a file of Keras that had
         taken 20; then after 20 more, which Keras takes from midge's file, loaded without a warning

One table with targets and verdicts, below it what is known about those that were missed. Without a
Python that has TensorFlow the rows that need it say so; a part that fails is a row that says why,
and the others go on. The status is 1 when a target is missed.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from idx_files import FASHION_MNIST
from verdicts import table

SHARED_DATA = ROOT.parent / "shared" / "data" / "fashion-mnist"
ACCURACY_POINTS = 0.5   # how far two accuracies may be apart
TIME_RATIO = 0.10       # midge / TensorFlow
MEMORY_RATIO = 0.20
CONV_ACCURACY = 0.91
# All differences between the weights, by the way they came: rounding alone, with room for the
# optimisers that divide by small numbers.
STEP_SHARE = 1e-5
CONV_OPTIONS = ["--schedule", "cosine", "--batch", "64"]
GIVEN_EPOCHS, GIVEN_CONV_EPOCHS, GIVEN_SEEDS = 10, 12, 5  # what the targets are for


@dataclasses.dataclass
class Row:
    what: str
    midge: str = "-"
    tensorflow: str = "-"
    value: str = "-"
    target: str = "-"
    verdict: str = "-"
    why: str = ""

    def cells(self):
        return [self.what, self.midge, self.tensorflow, self.value, self.target, self.verdict]


class Failed(Exception):
    """What keeps a part from being measured."""


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cli", type=pathlib.Path, default=ROOT / "build" / "midge")
    arguments.add_argument("--data", type=pathlib.Path, help="the four IDX files of Fashion-MNIST")
    arguments.add_argument("--tensorflow", default=os.environ.get("TENSORFLOW_PYTHON"),
                           help="a Python with TensorFlow (or TENSORFLOW_PYTHON)")
    arguments.add_argument("--epochs", type=int, default=GIVEN_EPOCHS)
    arguments.add_argument("--conv-epochs", type=int, default=GIVEN_CONV_EPOCHS)
    arguments.add_argument("--seeds", type=int, default=GIVEN_SEEDS,
                           help="runs of the article's network")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--parts", default=",".join(PARTS))
    arguments.add_argument("--json", type=pathlib.Path)
    options = arguments.parse_args()
    options.parts = options.parts.split(",")
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        arguments.error(f"there is no part {unknown[0]}; there are {', '.join(PARTS)}")
    if min(options.epochs, options.conv_epochs, options.seeds, options.threads) < 1:
        arguments.error("epochs, seeds and threads are at least 1")
    if not os.access(options.cli, os.X_OK):
        arguments.error(f"{options.cli} is no program: build it with make, or name it with --cli")
    if options.data is None:
        options.data = next((path for path in (FASHION_MNIST, SHARED_DATA) if path.is_dir()), None)
    if options.data is None:
        raise SystemExit("Fashion-MNIST is missing: apt install dataset-fashion-mnist, or --data")
    options.version = None
    if options.tensorflow is None:
        options.tensorflow = find_tensorflow()
    if options.tensorflow is not None:
        options.version = tensorflow_version(options.tensorflow)
        if options.version is None:
            raise SystemExit(f"{options.tensorflow} is no Python that has TensorFlow")
    return options


def find_tensorflow():
    for python in (sys.executable, ROOT / "build" / "venv-train" / "bin" / "python"):
        if pathlib.Path(python).exists() and tensorflow_version(python):
            return str(python)
    return None


def tensorflow_version(python):
    """None where that Python has none. Its distributions have several names."""
    script = ("from importlib import metadata as m; import sys; "
              "found = m.packages_distributions().get('tensorflow') if sys.version_info >= (3, 10) "
              "else ['tensorflow']; print(m.version(found[0]))")
    try:
        done = subprocess.run([python, "-c", script], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def explain(command, told):
    lines = [line for line in told.splitlines() if line.strip()]
    return f"{pathlib.Path(command[0]).name} {' '.join(map(str, command[1:3]))}: " + (
        lines[-1] if lines else "it ended without a word")


def run_measured(command):
    """Runs a program; its largest resident memory in KiB."""
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL,
                                   stderr=told)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            told.seek(0)
            raise Failed(explain(command, told.read()))
    return usage.ru_maxrss


def read_output(command):
    """What a program prints."""
    done = subprocess.run([str(part) for part in command], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(explain(command, done.stderr))
    return done.stdout


def by_tensorflow(options, what, *more):
    script = pathlib.Path(__file__).with_name("train_tensorflow.py")
    return json.loads(read_output([options.tensorflow, script, what, *more]).splitlines()[-1])


def train(options, folder, network, name, *more):
    """Trains with midge; what its history says, and the memory."""
    history = folder / f"{name}.json"
    memory = run_measured([options.cli, "train", network, "-o", folder / name, "--quiet",
                           "--history", history, "--curve", "none", "--threads", options.threads,
                           *more])
    return json.loads(history.read_text()), memory


def evaluate(options, model):
    found = read_output(
        [options.cli, "evaluate", model, "--data", options.data / "t10k-images-idx3-ubyte.gz",
         "--labels", options.data / "t10k-labels-idx1-ubyte.gz", "--pixels", "0:1", "--json"])
    return json.loads(found)["accuracy"]


def judged(row, met, *why):
    """The row with its verdict; what may be behind a miss is kept where it is one."""
    row.verdict = "met" if met else "missed"
    row.why = "" if met else "; ".join(part for part in why if part)
    return row


def shorter(what, is_value, given):
    return f"{is_value} {what}, the target is for {given}" if is_value != given else ""


# ---- The article's network

def accuracies(values):
    return ", ".join(f"{value:.4f}" for value in values)


def accuracy_row(options, ours, theirs):
    points = 100 * (statistics.mean(ours) - statistics.mean(theirs))
    scatter = 0.0
    if len(ours) > 1:
        scatter = 100 * ((statistics.variance(ours) + statistics.variance(theirs)) / len(ours))**.5
    row = Row("article: test accuracy", f"{statistics.mean(ours):.4f}",
              f"{statistics.mean(theirs):.4f}",
              f"{points:+.2f} points" + (f" +- {scatter:.2f}" if scatter else ""),
              f"within {ACCURACY_POINTS}")
    return judged(row, abs(points) <= ACCURACY_POINTS,
                  f"seed by seed midge had {accuracies(ours)}, TensorFlow {accuracies(theirs)}",
                  f"the standard error of the difference is {scatter:.2f} points" if scatter else
                  "one seed is off by half a point at times",
                  shorter("epochs", options.epochs, GIVEN_EPOCHS))


def time_row(options, ours, theirs, load):
    ratio = statistics.median(ours) / statistics.median(theirs)
    row = Row("article: seconds an epoch", f"{statistics.median(ours):.3f}",
              f"{statistics.median(theirs):.3f}", f"{ratio:.3f}", f"<= {TIME_RATIO}")
    busy = f"the machine was busy (load {load:.1f} before)" if load > 0.5 else ""
    return judged(row, ratio <= TIME_RATIO, busy,
                  f"the fastest epochs, {min(ours):.3f} and {min(theirs):.3f} s, have the ratio "
                  f"{min(ours) / min(theirs):.3f}",
                  f"a batch of 32 gives {options.threads} threads little to do between barriers"
                  if options.threads > 1 else "")


def article_rows(options, folder):
    load = os.getloadavg()[0]
    runs = [train(options, folder, "dense", "article.keras", "--data", options.data, "--epochs",
                  options.epochs, "--seed", seed + 1) for seed in range(options.seeds)]
    memory = max(peak for _, peak in runs)
    ours = [found["test"]["accuracy"] for found, _ in runs]
    seconds = [time for found, _ in runs for time in found["history"]["seconds"]]
    if options.tensorflow is None:
        return [Row("article: test accuracy", f"{statistics.mean(ours):.4f}", "absent"),
                Row("article: seconds an epoch", f"{statistics.median(seconds):.3f}", "absent"),
                Row("article: peak memory, MiB", f"{memory / 1024:.0f}", "absent")]
    peers = [by_tensorflow(options, "article", "--data", options.data, "--epochs", options.epochs,
                           "--threads", options.threads, "--seed", seed + 1)
             for seed in range(options.seeds)]
    peak = max(run["peak_kb"] for run in peers)
    row = Row("article: peak memory, MiB", f"{memory / 1024:.0f}", f"{peak / 1024:.0f}",
              f"{memory / peak:.3f}", f"<= {MEMORY_RATIO}")
    return [accuracy_row(options, ours, [run["accuracy"] for run in peers]),
            time_row(options, seconds, [time for run in peers for time in run["epochs"]], load),
            judged(row, memory / peak <= MEMORY_RATIO,
                   "the samples lie in memory as floats, 179 MiB for all pictures")]


# ---- A convolutional network, and its int8 form

def conv_rows(options, folder):
    found, _ = train(options, folder, "conv", "conv.keras", "--data", options.data, "--epochs",
                     options.conv_epochs, *CONV_OPTIONS)
    accuracy = found["test"]["accuracy"]
    row = Row("conv: test accuracy", f"{accuracy:.4f}", target=f">= {CONV_ACCURACY}")
    rows = [judged(row, accuracy >= CONV_ACCURACY,
                   "after each epoch the training had "
                   f"{accuracies(found['history'].get('accuracy', []))}",
                   shorter("epochs", options.conv_epochs, GIVEN_CONV_EPOCHS))]
    small = folder / "conv_int8.tflite"
    run_measured([options.cli, "convert", folder / "conv.keras", "-o", small, "--optimize", "int8",
                  "--calibration", options.data / "train-images-idx3-ubyte.gz", "--samples", 500,
                  "--pixels", "0:1"])
    quantized = evaluate(options, small)
    points = 100 * (quantized - accuracy)
    row = Row("conv: int8 form", f"{quantized:.4f}", value=f"{points:+.2f} points",
              target=f"within {ACCURACY_POINTS}")
    return rows + [judged(row, abs(points) <= ACCURACY_POINTS,
                          "ranges come from 500 pictures; midge train --quantize-aware loses less")]


# ---- Step by step

def steps_rows(options, folder):
    if options.tensorflow is None:
        return [Row("steps: weights after 100", tensorflow="absent")]
    names = by_tensorflow(options, "start", "--data", options.data, "--out", folder)
    for name in names.values():
        train(options, folder, folder / f"{name}.keras", f"{name}_midge.keras", "--data",
              f"{folder}/x.npy,{folder}/y.npy", "--epochs", 1, "--in-order")
    rows = []
    for name, found in by_tensorflow(options, "finish", "--out", folder).items():
        onward = found["onward"]
        for what, part in ((f"100 steps: {name}", found), ("  20 more, by Keras", onward)):
            row = Row(what, value=f"{part['share']:.1e}, at most {part['largest']:.1e}",
                      target=f"<= {STEP_SHARE:.0e}")
            told = found["warnings"] if part is onward else []
            rows.append(judged(row, part["share"] <= STEP_SHARE and not told,
                               *[f"Keras warned: {text.strip()}" for text in told],
                               "" if told else "the weights part by more than rounding makes; a unit of relu "
                               "at the very zero may do that once: run it again"))
    return rows


PARTS = {"article": article_rows, "conv": conv_rows, "steps": steps_rows}


def measure(options):
    rows = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            for part in options.parts:
                print(f"{part} …", file=sys.stderr)
                try:
                    rows += PARTS[part](options, pathlib.Path(folder))
                except (Failed, OSError, ValueError, KeyError) as error:
                    rows.append(Row(part, verdict="missed", why=f"not measured: {error}"))
    except KeyboardInterrupt:
        rows.append(Row("interrupted", verdict="missed", why="what follows was not measured"))
    return rows


def main():
    options = parse_arguments()
    print(f"{platform.machine()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}; "
          f"{options.threads} threads each; " + (
              f"TensorFlow {options.version}" if options.version else
              "TensorFlow is absent: name a Python that has it with --tensorflow") + "\n")
    rows = measure(options)
    heading = ["", "midge", "TensorFlow", "ratio or difference", "target", "verdict"]
    print(table(heading, [row.cells() for row in rows]))
    missed = [row for row in rows if row.verdict == "missed"]
    for row in missed:
        print(f"\nmissed: {row.what.strip()}: {row.why}")
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=2)
                                + "\n")
    met = sum(row.verdict == "met" for row in rows)
    print(f"\n{met} met, {len(missed)} missed, {len(rows) - met - len(missed)} not judged")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
