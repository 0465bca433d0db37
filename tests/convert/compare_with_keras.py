# SPDX-License-Identifier: Apache-2.0
"""Converts Keras models, runs them, and compares with what Keras computes, within 1e-5 (small
models) or 1e-4 (whole networks) of max(1, the largest output); networks end before their softmax,
whose outputs with random weights would be too small to tell anything. See check_convert.

usage: compare_with_keras.py MIDGE"""
import os
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import keras_models  # noqa: E402

NETWORKS = {"MobileNet": 224, "MobileNetV2": 224, "MobileNetV3Small": 224, "EfficientNetB0": 224,
            "ResNet50": 128, "DenseNet121": 128}
midge = os.path.abspath(sys.argv[1])
counts = {"passed": 0, "failed": 0}


def run(*arguments):
    made = subprocess.run([midge, *arguments], capture_output=True, text=True)
    return made.stderr.strip() if made.returncode else None


def compare(name, folder, model, given, bound):
    outputs = keras.tree.flatten(model(given if len(given) > 1 else given[0], training=False))
    for ending in ("keras", "h5"):
        path = os.path.join(folder, f"model.{ending}")
        model.save(path)
        trouble = check(path, folder, given, outputs, bound)
        counts["failed" if trouble else "passed"] += 1
        if trouble:
            print(f"FAILED {name}.{ending}: {trouble}")


def check(path, folder, given, outputs, bound):
    made = os.path.join(folder, "model.tflite")
    trouble = run("convert", path, "-o", made)
    if trouble:
        return trouble
    arguments = ["run", made, "--output-dir", os.path.join(folder, "out")]
    for index, value in enumerate(given):
        name = os.path.join(folder, f"input{index}.npy")
        np.save(name, value)
        arguments += ["--input", name]
    trouble = run(*arguments)
    return trouble or differ(os.path.join(folder, "out"), outputs, bound)


def differ(folder, outputs, bound):
    for index, output in enumerate(outputs):
        value, output = np.load(os.path.join(folder, f"{index}.npy")), np.asarray(output)
        if value.shape != output.shape:
            return f"output {index} has shape {value.shape}, not {output.shape}"
        error = np.abs(value.astype("f8") - output).max() / max(1, np.abs(output).max())
        if not error <= bound:
            return f"output {index} is off by {error:.2g}"
    return None


def network(name, size):
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3),
                                              classifier_activation=None)
    random = np.random.default_rng(3)
    for variable in model.weights:
        if variable.name == "moving_variance":
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif variable.name in ("moving_mean", "beta", "bias"):
            variable.assign(random.normal(0, 0.1, variable.shape))
    return model, [random.uniform(0, 1, (1, size, size, 3)).astype("float32")]


with tempfile.TemporaryDirectory() as temporary:
    for make in keras_models.ALL:
        small = keras_models.build(make)
        compare(make.__name__, temporary, small, keras_models.inputs(small), 1e-5)
    for name, size in NETWORKS.items():
        compare(name, temporary, *network(name, size), 1e-4)
print(f"{counts['passed']} passed, {counts['failed']} failed, 0 skipped")
sys.exit(counts["failed"] > 0)
