#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains the built-in models on Fashion-MNIST and writes everything below models/.

    python3 -m venv build/venv-train
    build/venv-train/bin/pip install tensorflow-cpu ai-edge-litert
    build/venv-train/bin/python tools/train_fashion_mnist.py [--data DIR] [--out models]

The data are the four IDX files of Debian's package dataset-fashion-mnist (or --data DIR). Two
networks are trained with fixed seeds: the flat one of TensorFlow's introduction (Flatten, Dense
128, Dense 10), which only gives a figure to compare with, and a small convolutional one, which is
converted to a float and to a full-integer model. The accuracy of every stage on the 10,000 test
pictures is printed and written to accuracy.json; the training data alone decide the weights and
the quantisation ranges.
"""
import argparse
import json
import os
import pathlib
import struct
import time
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf

from idx_files import FASHION_MNIST, read_split
from model_metadata import with_image_classifier_metadata

LABELS = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
          "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
SEED = 20200730
CALIBRATION_PICTURES = 500


def flat_network():
    layers = tf.keras.layers
    return tf.keras.Sequential([
        layers.Input((28, 28)), layers.Flatten(),
        layers.Dense(128, activation="relu"), layers.Dense(10)])


def convolutional_layers():
    """About 27,000 weights; conversion folds the batch normalisation into the convolutions."""
    layers = tf.keras.layers

    def unit(layer):
        return [layer, layers.BatchNormalization(), layers.ReLU()]

    return [
        *unit(layers.Conv2D(24, 3, padding="same", use_bias=False)),
        layers.MaxPooling2D(),
        *unit(layers.Conv2D(48, 3, padding="same", use_bias=False)),
        layers.MaxPooling2D(),
        *unit(layers.DepthwiseConv2D(3, padding="same", use_bias=False)),
        *unit(layers.Conv2D(96, 1, use_bias=False)),
        *unit(layers.DepthwiseConv2D(3, padding="same", use_bias=False)),
        *unit(layers.Conv2D(96, 1, use_bias=False)),
        layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(10)]


def shifted(pictures, rng):
    """Mirrored at random and moved by up to two pixels: what a camera does to a garment."""
    padded = np.pad(pictures, ((0, 0), (2, 2), (2, 2), (0, 0)))
    out = np.empty_like(pictures)
    rows, columns = rng.integers(0, 5, (2, len(pictures)))
    mirror = rng.random(len(pictures)) < 0.5
    for n, picture in enumerate(padded):
        part = picture[rows[n]:rows[n] + 28, columns[n]:columns[n] + 28]
        out[n] = part[:, ::-1] if mirror[n] else part
    return out


def train_flat(pictures, labels, test):
    tf.keras.utils.set_random_seed(SEED)
    network = flat_network()
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, metrics=["accuracy"])
    network.fit(pictures[..., 0], labels, epochs=10, verbose=2)
    return float(network.evaluate(test[0][..., 0], test[1], verbose=0)[1])


def train_convolutional(pictures, labels, epochs, batch=128):
    tf.keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    network = tf.keras.Sequential([tf.keras.layers.Input((28, 28, 1)), *convolutional_layers()])
    steps = epochs * (len(pictures) // batch)
    rate = tf.keras.optimizers.schedules.CosineDecay(0.0, steps - 500, warmup_target=4e-3,
                                                     warmup_steps=500)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(tf.keras.optimizers.AdamW(rate, weight_decay=1e-3), loss,
                    metrics=["accuracy"])
    for epoch in range(epochs):
        # The last epochs see the pictures as they are, so that the running means of the batch
        # normalisation fit what the model will be asked.
        seen = pictures if epoch >= epochs - 2 else shifted(pictures, rng)
        history = network.fit(seen, labels, batch_size=batch, verbose=0)
        print(f"epoch {epoch + 1}/{epochs}: loss {history.history['loss'][0]:.4f}", flush=True)
    return network


def deployable(network):
    """The same weights with a fixed batch of one picture and probabilities at the end."""
    fixed = tf.keras.Sequential([
        tf.keras.layers.Input((28, 28, 1), batch_size=1, name="picture"),
        *convolutional_layers(), tf.keras.layers.Softmax(name="probability")])
    fixed.set_weights(network.get_weights())
    return fixed


def convert(network, calibration=None):
    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    if calibration is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([picture[None]] for picture in calibration)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.uint8
        converter.inference_output_type = tf.uint8
    return converter.convert()


def tflite_accuracy(content, pictures, labels):
    """Accuracy by LiteRT, one picture a run. Integer inputs take the pixels as they are."""
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    if source["dtype"] == np.float32:
        pictures = pictures.astype(np.float32) / 255
    hits = 0
    for picture, label in zip(pictures, labels):
        interpreter.set_tensor(source["index"], picture[None, ..., None])
        interpreter.invoke()
        hits += int(np.argmax(interpreter.get_tensor(result["index"])) == label)
    return hits / len(labels)


def write_png(path, picture):
    """An 8-bit greyscale PNG: signature, IHDR, one IDAT with filter byte 0 a row, IEND."""
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(
            ">I", zlib.crc32(name + body))
    height, width = picture.shape
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    path.write_bytes(b"\x89PNG\r\n\x1a\n"
                     + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def write_pictures(folder, pictures, labels):
    folder.mkdir(parents=True, exist_ok=True)
    for index, label in enumerate(LABELS):
        name = label.lower().replace("/", "_").replace("-", "_").replace(" ", "_")
        write_png(folder / f"{name}.png", pictures[int(np.argmax(labels == index))])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", type=pathlib.Path, default=FASHION_MNIST)
    arguments.add_argument("--out", type=pathlib.Path,
                           default=pathlib.Path(__file__).resolve().parent.parent / "models")
    arguments.add_argument("--epochs", type=int, default=20)
    options = arguments.parse_args()

    started = time.monotonic()
    tf.config.experimental.enable_op_determinism()
    train_pictures, train_labels = read_split(options.data, "train")
    test_pictures, test_labels = read_split(options.data, "t10k")
    scaled = train_pictures[..., None].astype(np.float32) / 255
    test = (test_pictures[..., None].astype(np.float32) / 255, test_labels)

    accuracy = {"flat, Keras": train_flat(scaled, train_labels, test)}
    network = train_convolutional(scaled, train_labels, options.epochs)
    accuracy["convolutional, Keras"] = float(network.evaluate(*test, verbose=0)[1])
    print(accuracy, f"weights {network.count_params()}", flush=True)

    fixed = deployable(network)
    picked = np.random.default_rng(SEED).choice(len(scaled), CALIBRATION_PICTURES, replace=False)
    models = {"float": convert(fixed), "int8": convert(fixed, scaled[picked])}
    options.out.mkdir(parents=True, exist_ok=True)
    for kind, content in models.items():
        accuracy[f"convolutional, {kind}"] = tflite_accuracy(content, test_pictures, test_labels)
        content = with_image_classifier_metadata(
            content, name="Fashion-MNIST", labels=LABELS, labels_file="fashion_mnist_labels.txt",
            description=f"Garment in a 28 x 28 grey picture, {kind}",
            mean=0.0, deviation=255.0)
        (options.out / f"fashion_mnist_{kind}.tflite").write_bytes(content)
    (options.out / "fashion_mnist_labels.txt").write_text("\n".join(LABELS) + "\n")
    write_pictures(options.out / "pictures", test_pictures, test_labels)

    report = {"tensorflow": tf.__version__, "seed": SEED, "epochs": options.epochs,
              "seconds": round(time.monotonic() - started), "accuracy": accuracy}
    (options.out / "accuracy.json").write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
