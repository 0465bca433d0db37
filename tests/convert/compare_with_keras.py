# SPDX-License-Identifier: Apache-2.0
"""Converts Keras models from every format, runs them, and compares with what Keras computes, within
1e-5 (small models) or 1e-4 (whole networks) of max(1, the largest output); networks end before their
softmax, whose outputs with random weights would be too small to tell anything. Files that midge wrote
are also loaded by Keras itself. Prints a table of models and formats. See check_convert.

usage: compare_with_keras.py BUILD [--keras2] [--networks] [--only NAME,…]
    --keras2    as Keras 2 (tf_keras) builds and saves the same models, and published .h5 files of
                ../shared/models/mlperf_tiny
    --networks  whole networks of keras.applications instead of small models"""
import logging
import os
import subprocess
import sys
import tempfile
import warnings

for name in ("absl", "tensorflow"):  # that .h5 is an old format, that a model is not compiled
    logging.getLogger(name).setLevel(logging.ERROR)
warnings.simplefilter("ignore")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
old = "--keras2" in sys.argv
if old:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras
    sys.modules["keras"] = tf_keras
    sys.modules["keras.layers"] = tf_keras.layers
import keras  # noqa: E402
import keras_formats  # noqa: E402
import keras_models  # noqa: E402
import numpy as np  # noqa: E402

NETWORKS = {"MobileNet": 224, "MobileNetV2": 224, "MobileNetV3Small": 224, "MobileNetV3Large": 96,
            "EfficientNetB0": 224, "EfficientNetV2B0": 96, "ResNet50": 128, "ResNet50V2": 96,
            "DenseNet121": 128, "NASNetMobile": 224, "InceptionV3": 139, "Xception": 96}
PUBLISHED = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                         "../../../shared/models/mlperf_tiny")
FILES = ["vww_96", "pretrainedResnet", "ad01"]
build = os.path.abspath(sys.argv[1])
midge = os.path.join(build, "midge")
formats = {**keras_formats.FORMATS, **({} if old else keras_formats.COPIES)}


def run(*arguments):
    made = subprocess.run([midge, *arguments], capture_output=True, text=True)
    return made.stderr.strip() if made.returncode else None


def flatten(outputs):
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def compute(model, given):
    return [np.asarray(output).astype("f8") for output in
            flatten(model(given if len(given) > 1 else given[0], training=False))]


def differ(values, outputs, bound):
    for index, (value, output) in enumerate(zip(values, outputs, strict=True)):
        if value.shape != output.shape:
            return f"output {index} has shape {value.shape}, not {output.shape}"
        error = np.abs(value.astype("f8") - output).max() / max(1, np.abs(output).max())
        if not error <= bound:
            return f"output {index} is off by {error:.2g}"
    return None


def convert_and_run(path, folder, given, outputs, bound):
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
    if trouble:
        return trouble
    values = [np.load(os.path.join(folder, "out", f"{i}.npy")) for i in range(len(outputs))]
    return differ(values, outputs, bound)


def published(name, folder):
    """The row of a file that others published."""
    path = os.path.join(PUBLISHED, name + ".h5")
    if not os.path.exists(path):
        return f"no {path}"
    model = keras.models.load_model(path, compile=False)
    given = keras_models.inputs(model)
    row = dict.fromkeys(formats, Refusal("published as .h5 only"))
    row[".h5"] = convert_and_run(path, folder, given, compute(model, given), 1e-5)
    return row


class Refusal(str):
    """Why Keras itself cannot save the model in this format."""


def check(model, folder, given, outputs, bound, way):
    try:
        path = formats[way](model, folder, build)
    except subprocess.CalledProcessError as error:
        return error.stderr.decode().strip()
    except (TypeError, NotImplementedError) as error:
        return Refusal(str(error))
    trouble = convert_and_run(path, folder, given, outputs, bound)
    if trouble or way not in keras_formats.COPIES:
        return trouble
    return differ(compute(keras.models.load_model(path, compile=False), given), outputs, bound)


def small(name):
    """(model, inputs), or the reason why this Keras cannot build the model."""
    make = next(make for make in keras_models.ALL if make.__name__ == name)
    try:
        model = keras_models.build(make)
    except (AttributeError, TypeError, ValueError) as error:
        if not old:
            raise
        return None, str(error)
    return model, keras_models.inputs(model)


def network(name):
    size = NETWORKS[name]
    keras.utils.set_random_seed(1)
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3),
                                              classifier_activation=None)
    random = np.random.default_rng(3)
    for variable in model.weights:
        kind = variable.name.split("/")[-1].split(":")[0]
        if kind == "moving_variance":
            variable.assign(random.uniform(0.8, 1.2, variable.shape))
        elif kind in ("moving_mean", "beta", "bias"):
            variable.assign(random.normal(0, 0.1, variable.shape))
    return model, [random.uniform(0, 1, (1, size, size, 3)).astype("float32")]


def check_model(name, big, folder):
    """The row of the table: format -> None (good) or what is wrong; a text where there is none."""
    keras.backend.clear_session()
    if name in FILES:
        return published(name, folder)
    model, given = network(name) if big else small(name)
    if model is None:
        return given
    outputs = compute(model, given)
    return {way: check(model, folder, given, outputs, 1e-4 if big else 1e-5, way)
            for way in formats}


def missing_layers():
    """Layers of this Keras that docs/convert.md does not name; other names of the same class count
    once."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/convert.md")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    table = text[text.index("| layer | becomes"):text.index("### Functions in a graph")]
    named = {name.strip() for line in table.splitlines() if line.startswith("| ")
             for name in line.split("|")[1].split(",")}
    missing = []
    for name in dir(keras.layers):
        layer = getattr(keras.layers, name)
        aliases = [other for other in dir(keras.layers) if getattr(keras.layers, other) is layer]
        if name[0].isupper() and name != "InputSpec" and not named.intersection(aliases):
            missing.append(name)
    return missing


def cell(trouble):
    if trouble is None:
        return "ok"
    return "-" if isinstance(trouble, Refusal) else "FAILED"


def main():
    big = "--networks" in sys.argv
    names = list(NETWORKS) if big else [make.__name__ for make in keras_models.ALL]
    if old and not big:
        names += FILES
    if "--only" in sys.argv:
        wanted = sys.argv[sys.argv.index("--only") + 1].split(",")
        names = [name for name in names if name in wanted]
    print(f"\n{'Keras ' + keras.__version__:24}" + "".join(f"{way:>14}" for way in formats))
    passed = failed = skipped = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            row = check_model(name, big, folder)
        if isinstance(row, str):
            print(f"{name:24}" + f"{'-':>14}" * len(formats) + f"  not here: {row[:60]}")
            skipped += 1
            continue
        print(f"{name:24}" + "".join(f"{cell(row[way]):>14}" for way in formats), flush=True)
        for way, trouble in row.items():
            if trouble and name not in FILES or cell(trouble) == "FAILED":
                print(f"{cell(trouble)} {name} as {way}: {trouble}")
        if name not in FILES:
            skipped += sum(isinstance(trouble, Refusal) for trouble in row.values())
        failed += sum(cell(trouble) == "FAILED" for trouble in row.values())
        passed += sum(trouble is None for trouble in row.values())
    if not old and not big:
        for name in missing_layers():
            print(f"FAILED docs/convert.md does not name {name}")
            failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
