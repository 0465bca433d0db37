#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a change to midge against the build before it and appends the result to history.tsv.

    record.py --before OLD/midge --after build/midge --models GLOBS --change TEXT [--dry-run]

The two builds take turns on each model, as the peers do in compare.py. A row a model: the commit
that the change was made on, the change, model, threads, milliseconds before and after, after /
before.
"""
import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "tools"))

import measure

HISTORY = HERE / "history.tsv"
HEADING = "parent\tchange\tmodel\tthreads\tbefore_ms\tafter_ms\tratio\n"


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--before", type=pathlib.Path, required=True)
    arguments.add_argument("--after", type=pathlib.Path, default=ROOT / "build" / "midge")
    arguments.add_argument("--models", nargs="+", type=pathlib.Path, required=True)
    arguments.add_argument("--change", required=True, help="as the commit's subject says it")
    arguments.add_argument("--threads", type=int, default=1)
    arguments.add_argument("--turns", type=int, default=8)
    arguments.add_argument("--dry-run", action="store_true", help="print, append nothing")
    return arguments.parse_args()


def main():
    options = parse_arguments()
    engines = [measure.Midge(options.before, "before"), measure.Midge(options.after, "after")]
    done = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
                          capture_output=True, text=True)
    commit, rows = done.stdout.strip() or "-", []
    for model in options.models:
        ms, failures = measure.latency(engines, model, options.threads, options.turns)
        if failures:
            raise SystemExit(f"record.py: {model.stem}: {failures}")
        rows.append(f"{commit}\t{options.change}\t{model.stem}\t{options.threads}\t"
                    f"{ms['before']:.4f}\t{ms['after']:.4f}\t{ms['after'] / ms['before']:.3f}\n")
        print(rows[-1], end="", flush=True)
    if options.dry_run:
        return
    text = HISTORY.read_text() if HISTORY.exists() else HEADING
    HISTORY.write_text(text + "".join(rows))


if __name__ == "__main__":
    main()
