#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy of the built-in models on the 10,000 test pictures, by midge and by LiteRT's
reference kernels.

    evaluate_fashion_mnist.py [--cli build/midge] [--data DIR]

All pictures go in as one batch. LiteRT is left out where it is not installed.
"""
import argparse
import importlib.util
import pathlib
import subprocess
import tempfile

import numpy as np

from idx_files import FASHION_MNIST, read_split

ROOT = pathlib.Path(__file__).resolve().parent.parent


def by_midge(cli, model, pictures):
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/pictures.npy", pictures)
        subprocess.run([cli, "run", model, "--input", f"{folder}/pictures.npy", "--output",
                        f"{folder}/scores.npy", "--threads", "2"], check=True)
        return np.load(f"{folder}/scores.npy")


def by_litert(model, pictures):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    interpreter = Interpreter(model_path=str(model), num_threads=2,
                              experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    source = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(source, pictures.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(source, pictures)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cli", default=ROOT / "build" / "midge")
    arguments.add_argument("--data", type=pathlib.Path, default=FASHION_MNIST)
    options = arguments.parse_args()
    pictures, labels = read_split(options.data, "t10k")
    pictures = pictures[..., None]
    for kind, source in (("float", pictures.astype(np.float32) / 255), ("int8", pictures)):
        model = ROOT / "models" / f"fashion_mnist_{kind}.tflite"
        scores = {"midge": by_midge(options.cli, model, source)}
        if importlib.util.find_spec("ai_edge_litert"):
            scores["LiteRT"] = by_litert(model, source)
        text = ", ".join(f"{name} {np.mean(value.argmax(1) == labels):.4f}"
                         for name, value in scores.items())
        if "LiteRT" in scores:
            apart = np.abs(scores["midge"].astype(float) - scores["LiteRT"]).max()
            text += f"; scores differ by {apart:.2g} at most"
        print(f"{kind}: {text}")


if __name__ == "__main__":
    main()
