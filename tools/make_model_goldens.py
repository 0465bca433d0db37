#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/model/: what LiteRT answers to the sample pictures, for the built-in models.

    make_model_goldens.py [--check]

Needs ai-edge-litert. The float model's answers come from the reference kernels, as the integer
model's do. --check writes nothing and fails if the files there differ from what would be written.
"""
import argparse
import hashlib
import importlib.metadata
import pathlib
import struct
import sys
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import python_env

FOLDER = ROOT / "tests" / "model"
HEADING = """\
# Answers of the built-in models to the pictures of models/pictures, in the order of their names.
# Made by tools/make_model_goldens.py with ai-edge-litert {version}, BUILTIN_REF kernels.
# model, pixels (one byte each), what a pixel is divided by, golden output, tolerance, SHA-256
"""


def read_grey_png(path):
    """The pixels of a PNG as train_fashion_mnist.py writes it: 8-bit grey, one IDAT, no filters."""
    raw, position, pixels = path.read_bytes(), 8, b""
    while position < len(raw):
        length, name = struct.unpack(">I4s", raw[position:position + 8])
        body = raw[position + 8:position + 8 + length]
        if name == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", body[:10])
            if (depth, colour) != (8, 0):
                raise SystemExit(f"{path}: not an 8-bit grey picture")
        elif name == b"IDAT":
            pixels += body
        position += 12 + length
    rows = zlib.decompress(pixels)
    lines = [rows[n * (width + 1):(n + 1) * (width + 1)] for n in range(height)]
    if any(line[0] for line in lines):
        raise SystemExit(f"{path}: rows with filters")
    return b"".join(line[1:] for line in lines)


def answers(model, pictures, divisor):
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    interpreter = Interpreter(model_path=str(model),
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    made = b""
    for picture in pictures:
        pixels = np.frombuffer(picture, np.uint8).reshape(source["shape"])
        if divisor:
            pixels = pixels.astype(np.float32) / np.float32(divisor)
        interpreter.set_tensor(source["index"], pixels)
        interpreter.invoke()
        made += interpreter.get_tensor(result["index"]).tobytes()
    return made


def files():
    """Contents by name."""
    pictures = [read_grey_png(path) for path in sorted((ROOT / "models/pictures").glob("*.png"))]
    made = {"fashion_mnist_pixels.bin": b"".join(pictures)}
    lines = HEADING.format(version=importlib.metadata.version("ai-edge-litert"))
    for kind, divisor, tolerance in (("float", 255, "1e-5"), ("int8", 0, "0")):
        model = ROOT / "models" / f"fashion_mnist_{kind}.tflite"
        golden = f"fashion_mnist_{kind}_output.bin"
        made[golden] = answers(model, pictures, divisor)
        digest = hashlib.sha256(model.read_bytes()).hexdigest()
        lines += "\t".join((f"models/{model.name}", "fashion_mnist_pixels.bin", str(divisor),
                            golden, tolerance, digest)) + "\n"
    made["manifest.tsv"] = lines.encode()
    return made


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    reason = python_env.continue_in(python_env.LITERT, "venv-differential")
    if reason:
        raise SystemExit(f"make_model_goldens.py: no LiteRT: {reason}")
    stale = []
    for name, content in files().items():
        path = FOLDER / name
        if options.check:
            if not path.exists() or path.read_bytes() != content:
                stale.append(name)
        else:
            path.write_bytes(content)
    if stale:
        raise SystemExit(f"make_model_goldens.py: out of date: {', '.join(stale)}")


if __name__ == "__main__":
    main()
