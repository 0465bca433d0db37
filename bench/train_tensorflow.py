#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The TensorFlow half of compare_training.py, which runs it by a Python that has TensorFlow.

    train_tensorflow.py article --data DIR --epochs N --threads N --seed N
    train_tensorflow.py start --data DIR --out DIR     networks that took some steps, and batches
    train_tensorflow.py finish --out DIR               how far the trained ones are apart

The last line that each prints is JSON.
"""
import argparse
import json
import os
import pathlib
import resource
import sys
import time
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

import numpy as np
import tensorflow as tf

from idx_files import read_split

BEFORE, STEPS, ONWARD, BATCH = 20, 100, 20, 32
OPTIMIZERS = {
    "SGD": lambda: tf.keras.optimizers.SGD(),
    "SGD, momentum": lambda: tf.keras.optimizers.SGD(momentum=0.9),
    "SGD, Nesterov": lambda: tf.keras.optimizers.SGD(momentum=0.9, nesterov=True),
    "Adam": lambda: tf.keras.optimizers.Adam(),
    "Adam, amsgrad": lambda: tf.keras.optimizers.Adam(amsgrad=True),
    "AdamW": lambda: tf.keras.optimizers.AdamW(),
    "RMSprop": lambda: tf.keras.optimizers.RMSprop(),
    "RMSprop, momentum, centered": lambda: tf.keras.optimizers.RMSprop(momentum=0.5,
                                                                       centered=True),
}


def network():
    layers = tf.keras.layers
    return tf.keras.Sequential([layers.Input((28, 28)), layers.Flatten(),
                                layers.Dense(128, activation="relu"), layers.Dense(10)])


def compile_network(model, optimizer):
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])


class Clock(tf.keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(time.perf_counter() - self.start)


def article(options):
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.keras.utils.set_random_seed(options.seed)
    (pictures, labels), (test, test_labels) = (read_split(options.data, part)
                                               for part in ("train", "t10k"))
    model, clock = network(), Clock()
    compile_network(model, "adam")
    model.fit(pictures / 255.0, labels, epochs=options.epochs, verbose=0, callbacks=[clock])
    accuracy = model.evaluate(test / 255.0, test_labels, verbose=0)[1]
    return {"version": tf.__version__, "accuracy": float(accuracy), "epochs": clock.epochs,
            "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def file_name(optimizer):
    return "".join(letter if letter.isalnum() else "_" for letter in optimizer)


def start(options):
    pictures, labels = read_split(options.data, "train")
    np.save(options.out / "x.npy", (pictures[:STEPS * BATCH] / 255.0).astype(np.float32))
    np.save(options.out / "y.npy", labels[:STEPS * BATCH].astype(np.int64))
    for name, make in OPTIMIZERS.items():
        tf.keras.utils.set_random_seed(1)
        model = network()
        compile_network(model, make())
        model.fit(pictures[-BEFORE * BATCH:] / 255.0, labels[-BEFORE * BATCH:], batch_size=BATCH,
                  shuffle=False, verbose=0)
        model.save(options.out / f"{file_name(name)}.keras")
    return {name: file_name(name) for name in OPTIMIZERS}


def flat(arrays):
    return np.concatenate([np.asarray(array, np.float32).ravel() for array in arrays])


def apart_from(found, wanted, first):
    """The largest difference, and the length of all by that of the way from the start."""
    return {"largest": float(np.abs(found - wanted).max()),
            "share": float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted - first))}


def finish(options):
    """Trains each network as midge did, and then both for some more steps: how far weights are apart
    before and after, and of how much Keras warned when it loaded midge's file."""
    x, y = np.load(options.out / "x.npy"), np.load(options.out / "y.npy")
    apart = {}
    for name in OPTIMIZERS:
        trained = options.out / f"{file_name(name)}_midge.keras"
        if not trained.exists():
            continue
        model = tf.keras.models.load_model(options.out / f"{file_name(name)}.keras")
        first = flat(model.get_weights())
        model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
        last = flat(model.get_weights())
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            other = tf.keras.models.load_model(trained)
        found = flat(other.get_weights())
        steps = int(other.optimizer.iterations)
        for each in (model, other):
            each.fit(x[:ONWARD * BATCH], y[:ONWARD * BATCH], batch_size=BATCH, shuffle=False,
                     verbose=0)
        apart[name] = {**apart_from(found, last, first), "steps": steps,
                       "warnings": [str(warning.message) for warning in told],
                       "onward": apart_from(flat(other.get_weights()), flat(model.get_weights()),
                                            last)}
    return apart


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("what", choices=("article", "start", "finish"))
    arguments.add_argument("--data", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path)
    arguments.add_argument("--epochs", type=int, default=10)
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    print(json.dumps({"article": article, "start": start, "finish": finish}[options.what](options)))


if __name__ == "__main__":
    main()
