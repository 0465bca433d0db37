#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes random-weight copies of published networks as .tflite files, for benchmarks.

    make_models.py --out DIR [--only mobilenet_v1_float,mobilenet_v2_int8] [--all]

Needs ai-edge-litert and numpy, no TensorFlow. Files that exist already are kept. Weights come from
fixed seeds, so two machines measure the same models. With --onnx also the twins for onnxruntime, of
the formats that have one; they need the package onnx.
"""
import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import architectures
import encode

USUAL = [f"{name}_{form}" for name in ("mobilenet_v1", "mobilenet_v2")
         for form in ("float", "int8", "uint8", "dynamic")]
TWIN_FORMATS = ("float", "int8")
EVERY = [f"{name}_{form}" for name in architectures.NETWORKS for form in encode.FORMATS]


class Maker:
    """Writes models that are not there yet. The last network is kept, for it takes longest."""

    def __init__(self, folder):
        self.folder, self.architecture = folder, None
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, architecture):
        if self.architecture == architecture:
            return
        self.network = architectures.NETWORKS[architecture]()
        self.plain = encode.encode(self.network, "float")
        self.ranges = encode.ranges(self.network, self.plain)
        self.architecture = architecture

    def write(self, path, content):
        part = path.with_suffix(".part")
        part.write_bytes(content)
        part.rename(path)
        print(f"made {path} ({len(content):,} bytes)", file=sys.stderr)

    def make(self, name, twin):
        architecture, form = name.rsplit("_", 1)
        path = self.folder / f"{name}.tflite"
        if not path.exists():
            self.load(architecture)
            self.write(path, self.plain if form == "float"
                       else encode.encode(self.network, form, self.ranges))
        path = path.with_suffix(".onnx")
        if twin and form in TWIN_FORMATS and not path.exists():
            import encode_onnx
            self.load(architecture)
            self.write(path, encode_onnx.encode(self.network, form, self.ranges))


def make(names, folder, twins=False):
    """Writes the named models that are not there yet; returns all their paths in order."""
    maker = Maker(folder)
    for name in names:
        maker.make(name, twins)
    return [folder / f"{name}.tflite" for name in names]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--only", default="", help="names, separated by commas")
    arguments.add_argument("--all", action="store_true", help="every network in every format")
    arguments.add_argument("--onnx", action="store_true", help="twins for onnxruntime too")
    options = arguments.parse_args()
    names = options.only.split(",") if options.only else EVERY if options.all else USUAL
    unknown = [name for name in names if name not in EVERY]
    if unknown:
        raise SystemExit(f"unknown: {', '.join(unknown)}. There are: {', '.join(EVERY)}")
    make(names, options.out, options.onnx)


if __name__ == "__main__":
    main()
