# SPDX-License-Identifier: Apache-2.0
"""As much of tf.keras as trains on a device, over the trainer of midge_tools.h.

    from midge import keras
    (x, y), test = keras.datasets.fashion_mnist.load_data()
    model = keras.Sequential([keras.layers.Flatten(input_shape=(28, 28)),
                              keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True),
                  metrics=["accuracy"])
    model.fit(x / 255.0, y, epochs=10)
    model.save("model.keras")

Python describes the model; the library computes. Keras loads what is saved, and the reverse.
"""
from midge.keras import (activations, callbacks, datasets, initializers, layers, losses, metrics,
                         models, optimizers, regularizers, utils)
from midge.keras._absent import absent
from midge.keras._layer import Input, InputLayer, KerasTensor, Layer
from midge.keras.models import Model, Sequential, load_model

# The version of Keras whose files and configurations these are.
__version__ = "3.12.0"
MODULES = ("activations", "callbacks", "datasets", "initializers", "layers", "losses", "metrics",
           "models", "optimizers", "regularizers", "utils")
__all__ = ["Input", "InputLayer", "KerasTensor", "Layer", "Model", "Sequential", "load_model",
           *MODULES]


__getattr__ = absent("midge.keras", __all__)
