# SPDX-License-Identifier: Apache-2.0
"""Feeds the wake word packages two seconds of made-up sound and prints every probability.

usage: wake_words.py micro|open LIBRARY
"""
import importlib
import pathlib
import sys

import numpy as np

RATE = 16000


def sound():
    """A sweep, noise, silence and a chord, as 16-bit samples."""
    time = np.arange(RATE // 2) / RATE
    noise = np.random.default_rng(1).normal(0, 0.2, RATE // 2)
    parts = [0.5 * np.sin(2 * np.pi * (200 + 1500 * time) * time), noise, np.zeros(RATE // 2),
             sum(0.2 * np.sin(2 * np.pi * f * time) for f in (440, 550, 660))]
    return (np.clip(np.concatenate(parts), -1, 1) * 32767).astype(np.int16).tobytes()


def micro(library):
    package = importlib.import_module("pymicro_wakeword")
    for model in package.Model:
        word = package.MicroWakeWord.from_builtin(model, libtensorflowlite_c_path=library)
        features = package.MicroWakeWordFeatures()
        for window in features.process_streaming(sound()):
            probability = word.process_streaming_prob(window)
            if probability is not None:
                print(model.value, f"{probability:.6f}")


def open_words(library):
    package = importlib.import_module("pyopen_wakeword")
    models = pathlib.Path(package.__file__).parent / "models"
    for model in package.Model:
        word = package.OpenWakeWord.from_builtin(model, libtensorflowlite_c_path=library)
        features = package.OpenWakeWordFeatures(models / "melspectrogram.tflite",
                                                models / "embedding_model.tflite", library)
        for embedding in features.process_streaming(sound()):
            for probability in word.process_streaming(embedding):
                print(model.value, f"{probability:.6f}")


{"micro": micro, "open": open_words}[sys.argv[1]](sys.argv[2])
