#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Training by midge and by TensorFlow, side by side in one run on this machine.

    compare_training.py [--cli build/midge] [--data DIR] [--tensorflow PYTHON] [--epochs 10]
                        [--seeds 3] [--threads N] [--parts article,conv,steps] [--json FILE]

article  the network of TensorFlow's first tutorial on Fashion-MNIST, batch 32: accuracy on the test
         pictures (the mean over some seeds: one alone is off by half a point at times), time of an
         epoch (the median), largest resident memory of the process
conv     the built-in network "conv": accuracy, and that of its int8 form
steps    weights after 100 steps from equal weights on equal batches, for each optimiser

One table with targets and verdicts. Without a Python that has TensorFlow the rows that need it say
so. The status is 1 when a target is missed.
"""
import argparse
import json
import os
import pathlib
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
CONV_OPTIONS = ["--epochs", "12", "--schedule", "cosine", "--batch", "64"]


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cli", type=pathlib.Path, default=ROOT / "build" / "midge")
    arguments.add_argument("--data", type=pathlib.Path, help="the four IDX files of Fashion-MNIST")
    arguments.add_argument("--tensorflow", default=os.environ.get("TENSORFLOW_PYTHON"),
                           help="a Python with TensorFlow (or TENSORFLOW_PYTHON)")
    arguments.add_argument("--epochs", type=int, default=10)
    arguments.add_argument("--seeds", type=int, default=3, help="runs of the article's network")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--parts", default="article,conv,steps")
    arguments.add_argument("--json", type=pathlib.Path)
    options = arguments.parse_args()
    if options.data is None:
        options.data = next((path for path in (FASHION_MNIST, SHARED_DATA) if path.is_dir()), None)
    if options.data is None:
        raise SystemExit("Fashion-MNIST is missing: apt install dataset-fashion-mnist, or --data")
    if options.tensorflow is None:
        options.tensorflow = find_tensorflow()
    return options


def find_tensorflow():
    for python in (sys.executable, ROOT / "build" / "venv-train" / "bin" / "python"):
        if pathlib.Path(python).exists() and subprocess.run(
                [python, "-c", "import importlib.util as u, sys; "
                 "sys.exit(u.find_spec('tensorflow') is None)"], check=False).returncode == 0:
            return str(python)
    return None


def run_measured(command):
    """Runs a program; its largest resident memory in KiB."""
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return usage.ru_maxrss


def by_tensorflow(options, what, *more):
    script = pathlib.Path(__file__).with_name("train_tensorflow.py")
    done = subprocess.run([options.tensorflow, script, what, *map(str, more)], check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def train(options, folder, network, name, *more):
    """Trains with midge; what its history says, and the memory."""
    history = folder / f"{name}.json"
    memory = run_measured([options.cli, "train", network, "-o", folder / name, "--quiet",
                           "--history", history, "--curve", "none", "--threads", options.threads,
                           *more])
    return json.loads(history.read_text()), memory


def evaluate(options, model):
    done = subprocess.run(
        [options.cli, "evaluate", model, "--data", options.data / "t10k-images-idx3-ubyte.gz",
         "--labels", options.data / "t10k-labels-idx1-ubyte.gz", "--pixels", "0:1", "--json"],
        check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)["accuracy"]


def row(what, midge, tensorflow, value, target, met):
    return [what, midge, tensorflow, value, target, "met" if met else "missed"]


def article_rows(options, folder):
    runs = [train(options, folder, "dense", "article.keras", "--data", options.data, "--epochs",
                  options.epochs, "--seed", seed + 1) for seed in range(options.seeds)]
    memory = max(peak for _, peak in runs)
    accuracy = statistics.mean(found["test"]["accuracy"] for found, _ in runs)
    seconds = statistics.median(time for found, _ in runs for time in found["history"]["seconds"])
    if options.tensorflow is None:
        return [["article: test accuracy", f"{accuracy:.4f}", "absent", "-", "-", "-"],
                ["article: seconds an epoch", f"{seconds:.3f}", "absent", "-", "-", "-"],
                ["article: peak memory, MiB", f"{memory / 1024:.0f}", "absent", "-", "-", "-"]]
    peers = [by_tensorflow(options, "article", "--data", options.data, "--epochs", options.epochs,
                           "--threads", options.threads, "--seed", seed + 1)
             for seed in range(options.seeds)]
    print(f"TensorFlow {peers[0]['version']}, {options.threads} threads each", file=sys.stderr)
    peer = {"accuracy": statistics.mean(run["accuracy"] for run in peers),
            "peak_kb": max(run["peak_kb"] for run in peers)}
    peer_seconds = statistics.median(time for run in peers for time in run["epochs"])
    points = 100 * (accuracy - peer["accuracy"])
    return [row("article: test accuracy", f"{accuracy:.4f}", f"{peer['accuracy']:.4f}",
                f"{points:+.2f} points", f"within {ACCURACY_POINTS}",
                abs(points) <= ACCURACY_POINTS),
            row("article: seconds an epoch", f"{seconds:.3f}", f"{peer_seconds:.3f}",
                f"{seconds / peer_seconds:.3f}", f"<= {TIME_RATIO}",
                seconds / peer_seconds <= TIME_RATIO),
            row("article: peak memory, MiB", f"{memory / 1024:.0f}",
                f"{peer['peak_kb'] / 1024:.0f}", f"{memory / peer['peak_kb']:.3f}",
                f"<= {MEMORY_RATIO}", memory / peer["peak_kb"] <= MEMORY_RATIO)]


def conv_rows(options, folder):
    found, _ = train(options, folder, "conv", "conv.keras", "--data", options.data, *CONV_OPTIONS)
    accuracy = found["test"]["accuracy"]
    small = folder / "conv_int8.tflite"
    run_measured([options.cli, "convert", folder / "conv.keras", "-o", small, "--optimize", "int8",
                  "--calibration", options.data / "train-images-idx3-ubyte.gz", "--samples", 500,
                  "--pixels", "0:1"])
    points = 100 * (evaluate(options, small) - accuracy)
    return [row("conv: test accuracy", f"{accuracy:.4f}", "-", "-", f">= {CONV_ACCURACY}",
                accuracy >= CONV_ACCURACY),
            row("conv: int8 form", f"{accuracy + points / 100:.4f}", "-", f"{points:+.2f} points",
                f"within {ACCURACY_POINTS}", abs(points) <= ACCURACY_POINTS)]


def steps_rows(options, folder):
    if options.tensorflow is None:
        return [["steps: weights after 100", "-", "absent", "-", "-", "-"]]
    names = by_tensorflow(options, "start", "--data", options.data, "--out", folder)
    for name in names.values():
        train(options, folder, folder / f"{name}.keras", f"{name}_midge.keras", "--data",
              f"{folder}/x.npy,{folder}/y.npy", "--epochs", 1, "--in-order")
    apart = by_tensorflow(options, "finish", "--out", folder)
    return [row(f"100 steps: {name}", "-", "-", f"{found['share']:.1e}, at most "
                f"{found['largest']:.1e}", f"<= {STEP_SHARE:.0e}", found["share"] <= STEP_SHARE)
            for name, found in apart.items()]


def main():
    options = parse_arguments()
    if options.tensorflow is None:
        print("TensorFlow is absent: name a Python that has it with --tensorflow", file=sys.stderr)
    parts = {"article": article_rows, "conv": conv_rows, "steps": steps_rows}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for part in options.parts.split(","):
            rows += parts[part](options, pathlib.Path(folder))
    heading = ["", "midge", "TensorFlow", "ratio or difference", "target", "verdict"]
    print(table(heading, rows))
    if options.json:
        options.json.write_text(json.dumps([dict(zip(heading[1:], cells[1:]), what=cells[0])
                                            for cells in rows], indent=2) + "\n")
    missed = sum(cells[-1] == "missed" for cells in rows)
    print(f"\n{len(rows) - missed} rows without a miss, {missed} missed")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
