# SPDX-License-Identifier: Apache-2.0
"""The other side of compare_converters.py, one step per process so that its time and memory can be
told: makes the models and pictures, converts with TensorFlow, computes with Keras and with
TensorFlow's interpreter.

    tensorflow_converter.py make FOLDER
    tensorflow_converter.py convert float|int8 MODEL RESULT [PICTURES]
    tensorflow_converter.py keras MODEL PICTURES OUTPUTS
    tensorflow_converter.py interpret MODEL PICTURES OUTPUTS
    tensorflow_converter.py convert_all|interpret_all JOBS.json
    tensorflow_converter.py input_shape MODEL

Prints one line of JSON. `convert` gives the seconds of its own work, without the start of TensorFlow.
"""
import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

SIZE = 224


def pictures(count, seed):
    """Random, but as uneven as photographs are: waves of all lengths, the long ones strongest."""
    random = np.random.default_rng(seed)
    made = np.zeros((count, SIZE, SIZE, 3), "float32")
    for cells in (4, 14, 56, 224):
        coarse = random.normal(0, 0.5 * (4 / cells) ** 0.5, (count, cells, cells, 3))
        made += np.kron(coarse, np.ones((1, SIZE // cells, SIZE // cells, 1))).astype("float32")
    return np.clip(made, -1, 1)


def mobilenet():
    """MobileNetV2 with random weights and the statistics of normalisation that pictures give, as
    after training; it ends before softmax, whose outputs would all be nearly the same."""
    import keras
    keras.utils.set_random_seed(1)
    model = keras.applications.MobileNetV2(weights=None, classifier_activation=None)
    normalizations = [layer for layer in model.layers if "moving_mean" in dir(layer)]
    for layer in normalizations:
        layer.momentum = 0.0
    model(pictures(16, 3), training=True)
    for layer in normalizations:
        layer.momentum = 0.99
    return model


def article():
    """The network of the introductory article, trained a little, as it would be saved."""
    import keras
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(),
                              keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    random = np.random.default_rng(5)
    model.fit(random.uniform(0, 1, (320, 28, 28)), random.integers(0, 10, 320), verbose=0)
    return model


def versions(_):
    import keras
    import tensorflow
    return {"tensorflow": tensorflow.__version__, "keras": keras.__version__}


def make(folder):
    import tensorflow
    mobilenet().save(os.path.join(folder, "mobilenet_v2.keras"))
    np.save(os.path.join(folder, "calibration.npy"), pictures(100, 1))
    np.save(os.path.join(folder, "fresh.npy"), pictures(20, 2))
    model = article()
    model.save(os.path.join(folder, "article.keras"))
    model.save(os.path.join(folder, "article.h5"))
    tensorflow.saved_model.save(model, os.path.join(folder, "article_saved_model"))
    np.save(os.path.join(folder, "article.npy"),
            np.random.default_rng(6).uniform(0, 1, (100, 28, 28)).astype("float32"))
    return versions(folder)


def load_keras(path):
    """Also files of Keras 2, whose depthwise convolutions have a setting that Keras 3 refuses."""
    import keras

    class DepthwiseConv2D(keras.layers.DepthwiseConv2D):
        def __init__(self, *, groups=1, **settings):
            super().__init__(**settings)

    known = {"DepthwiseConv2D": DepthwiseConv2D} if path.endswith(".h5") else None
    return keras.models.load_model(path, compile=False, custom_objects=known)


def make_int8(converter, given):
    import tensorflow
    samples = np.load(given)
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    return converter.convert()


def convert(mode, path, result, given=None):
    import tensorflow
    start = time.perf_counter()
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(load_keras(path))
    made = make_int8(converter, given) if mode == "int8" else converter.convert()
    with open(result, "wb") as file:
        file.write(made)
    return {"seconds": time.perf_counter() - start}


def convert_all(path):
    """int8 files of all sources in a list."""
    import tensorflow
    for job in json.load(open(path)):
        source = job["source"]
        converter = (tensorflow.lite.TFLiteConverter.from_saved_model(source)
                     if os.path.isdir(source) else
                     tensorflow.lite.TFLiteConverter.from_keras_model(load_keras(source)))
        with open(job["result"], "wb") as file:
            file.write(make_int8(converter, job["given"]))
    return {}


def interpret_all(path):
    for job in json.load(open(path)):
        interpret(job["model"], job["given"], job["result"])
    return {}


def input_shape(path):
    return {"shape": load_keras(path).input_shape[1:]}


def keras_outputs(path, given, result):
    model = load_keras(path)
    np.save(result, np.asarray(model(np.load(given), training=False)))
    return {}


def interpret(path, given, result):
    import tensorflow
    interpreter = tensorflow.lite.Interpreter(model_path=path, num_threads=2)
    interpreter.allocate_tensors()
    outputs = []
    for sample in np.load(given):
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sample[None])
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])[0])
    np.save(result, np.stack(outputs))
    return {}


STEPS = {"versions": versions, "make": make, "convert": convert, "keras": keras_outputs, "interpret": interpret,
         "convert_all": convert_all, "interpret_all": interpret_all, "input_shape": input_shape}
if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
