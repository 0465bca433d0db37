#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes random-weight copies of published networks as .tflite files, for benchmarks.

    make_models.py --out DIR [--only mobilenet_v1_float,mobilenet_v2_int8] [--all]

Needs ai-edge-litert and numpy, no TensorFlow. Files that exist already are kept. Weights come from
fixed seeds, so two machines measure the same models.
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import architectures
import encode

USUAL = [f"{name}_{form}" for name in ("mobilenet_v1", "mobilenet_v2")
         for form in ("float", "int8", "uint8", "dynamic")]
EVERY = [f"{name}_{form}" for name in architectures.NETWORKS for form in encode.FORMATS]


def make(names, folder):
    """Writes the named models that are not there yet; returns all their paths in order."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for name in names:
        path = folder / f"{name}.tflite"
        if path.exists():
            continue
        architecture, form = name.rsplit("_", 1)
        if architecture not in made:
            network = architectures.NETWORKS[architecture]()
            plain = encode.encode(network, "float")
            made[architecture] = (network, plain, encode.ranges(network, plain))
        network, plain, ranges = made[architecture]
        content = plain if form == "float" else encode.encode(network, form, ranges)
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.rename(path)
        print(f"made {path} ({len(content):,} bytes)", file=sys.stderr)
    return [folder / f"{name}.tflite" for name in names]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--only", default="", help="names, separated by commas")
    arguments.add_argument("--all", action="store_true", help="every network in every format")
    options = arguments.parse_args()
    names = options.only.split(",") if options.only else EVERY if options.all else USUAL
    unknown = [name for name in names if name not in EVERY]
    if unknown:
        raise SystemExit(f"unknown: {', '.join(unknown)}. There are: {', '.join(EVERY)}")
    make(names, options.out)


if __name__ == "__main__":
    main()
