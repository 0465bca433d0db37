#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Differential tests over whole models and random one-operator models: midge against LiteRT, each
kernel tier against the reference tier, two threads against one.

    run.py [--cli build/midge] [--only models|operators] [--operators ADD,CONV_2D] [--scale 1]

LiteRT comes from the Python at hand or goes into build/venv-differential; where it cannot be had,
everything counts as one skip. The whole models are those of models/ and, when it is there,
../shared/models. --cli may hold an emulator: "qemu-aarch64 -L /usr/aarch64-linux-gnu midge".
"""
import argparse
import pathlib
import random
import shlex
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import python_env


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    arguments.add_argument("--cli", default=str(ROOT / "build" / "midge"))
    arguments.add_argument("--only", choices=("models", "operators"))
    arguments.add_argument("--models", type=pathlib.Path, action="append",
                           help="folder of .tflite files, searched in depth")
    arguments.add_argument("--seeds", type=int, default=3, help="inputs for each whole model")
    arguments.add_argument("--operators", default="", help="names, separated by commas")
    arguments.add_argument("--scale", type=float, default=1.0, help="share of the usual cases")
    arguments.add_argument("--batch", type=int, default=16, help="operators in one model")
    arguments.add_argument("--seed", type=int, help="default: a new one, which is printed")
    arguments.add_argument("--tiers", help="kernel tiers instead of all that this CPU has")
    return arguments.parse_args()


def chosen_families(text):
    from operators import case
    if not text:
        return list(case.FAMILIES)
    wanted = text.split(",")
    unknown = [name for name in wanted if name not in case.FAMILIES]
    if unknown:
        raise SystemExit(f"run.py: no cases for {', '.join(unknown)}")
    return wanted


def main():
    options = parse_arguments()
    reason = python_env.continue_in(python_env.LITERT, "venv-differential")
    if reason:
        print(f"skipped: {reason}\n0 passed, 0 failed, 1 skipped")
        return 0
    import litert
    import midge_process
    import operators
    import whole_models

    started = time.monotonic()
    seed = options.seed if options.seed is not None else random.randrange(1 << 31)
    command = shlex.split(options.cli)
    if not pathlib.Path(command[-1]).exists():
        print(f"run.py: there is no {command[-1]}; build it first\n0 passed, 1 failed, 0 skipped")
        return 1
    midge = midge_process.Midge(command)
    reference = litert.Reference()
    tiers = options.tiers.split(",") if options.tiers else midge.tiers()
    configurations = [("ref", 1), *((tier, 1) for tier in tiers), ("auto", 1), ("auto", 2)]
    print(f"seed {seed}; kernel tiers: ref {' '.join(tiers)}".rstrip())
    totals = dict.fromkeys(("passed", "failed", "skipped"), 0)
    try:
        if options.only != "operators":
            folders = options.models or [ROOT / "models", ROOT.parent / "shared" / "models"]
            paths = sorted(path for folder in folders for path in folder.rglob("*.tflite"))
            rows = whole_models.campaign(reference, midge, paths, configurations, options.seeds,
                                         seed)
            for row in rows:
                totals[row.state] += 1
        if options.only != "models":
            families = chosen_families(options.operators)
            tally = operators.campaign(reference, midge, families, configurations, seed,
                                       options.scale, options.batch)
            operators.print_table(tally, families)
            for state in totals:
                totals[state] += tally.total(state)
    finally:
        reference.close()
        midge.close()
    print(f"seed {seed}, {time.monotonic() - started:.0f} s")
    print(f"{totals['passed']} passed, {totals['failed']} failed, {totals['skipped']} skipped")
    return 1 if totals["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
