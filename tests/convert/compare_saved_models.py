# SPDX-License-Identifier: Apache-2.0
"""Converts TensorFlow models, runs them in midge and in LiteRT, and compares with what TensorFlow
computes, within 1e-4 of max(1, the largest output). Models: those of tensorflow_models.py and
keras_models.py, and networks of keras.applications; each as SavedModel and as frozen graph. Prints a
table. See check_convert.

usage: compare_saved_models.py BUILD [--keras2] [--networks] [--only NAME,…]
    --keras2    the models as Keras 2 (tf_keras) saves them
    --networks  MobileNetV2 and others of keras.applications instead of small models"""
import os
import re
import subprocess
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
old = "--keras2" in sys.argv
if old:
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tf_keras
    sys.modules["keras"] = tf_keras
    sys.modules["keras.layers"] = tf_keras.layers
import keras  # noqa: E402
import keras_models  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_models  # noqa: E402
from tensorflow.python.framework.convert_to_constants import (  # noqa: E402
    convert_variables_to_constants_v2)

NETWORKS = {"MobileNetV2": 96, "MobileNetV3Small": 96, "EfficientNetB0": 64, "ResNet50V2": 64,
            "DenseNet121": 64}
# What is refused, and how. Keras 3 exports random layers so that they are random when the model is
# used, and count how often it was; freezing leaves tables out.
RANDOM = ("midge: saved: midge has no TensorFlow operation StatelessRandomGetKeyCounter (node "
          "functional_1/{0}_1/stateless_random_uniform/StatelessRandomGetKeyCounter), "
          "StatelessRandomUniformV2 (node functional_1/{0}_1/stateless_random_uniform/"
          "StatelessRandomUniformV2); if Keras made it, convert the .keras file; "
          "'docs/convert-tensorflow.md' lists all")
LEFT_OUT = ("midge: frozen.pb: input unknown is a table or variable that freezing left out; convert "
            "the SavedModel")
REFUSED = {("images", "SavedModel"): RANDOM.format("random_flip"),
           ("augmentation", "SavedModel"): RANDOM.format("random_contrast"),
           **{(name, "frozen graph"): LEFT_OUT for name in ("tables", "words", "categories")}}
UNFREEZABLE = "TensorFlow cannot freeze it"
midge = os.path.join(os.path.abspath(sys.argv[1]), "midge")


def litert(path):
    """Without delegates: XNNPACK fails to prepare some sound models of five dimensions."""
    try:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType as Resolver
    except ImportError:
        Interpreter, Resolver = tf.lite.Interpreter, tf.lite.experimental.OpResolverType
    return Interpreter(
        model_path=path,
        experimental_op_resolver_type=Resolver.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    ).get_signature_runner()


def run(*arguments):
    made = subprocess.run([midge, *arguments], capture_output=True, text=True)
    return made.stderr.strip() if made.returncode else None


def run_midge(path, folder, given, expected):
    arguments = ["run", path, "--output-dir", os.path.join(folder, "out")]
    for index, name in enumerate(sorted(given)):
        file = os.path.join(folder, f"input{index}.npy")
        np.save(file, given[name])
        arguments += ["--input", file]
    trouble = run(*arguments)
    if trouble:
        return trouble, None
    return None, {name: np.load(os.path.join(folder, "out", f"{index}.npy"))
                  for index, name in enumerate(sorted(expected))}


def differ(values, expected):
    for name, output in expected.items():
        value = values[name]
        if value.shape != output.shape:
            return f"output {name} has shape {value.shape}, not {output.shape}"
        error = np.abs(value.astype("f8") - output).max() / max(1, np.abs(output).max())
        if not error <= 1e-4:
            return f"output {name} is off by {error:.2g}"
    return None


def check(path, folder, given, expected, names=None):
    made = os.path.join(folder, "model.tflite")
    trouble = run("convert", path, "-o", made)
    if trouble:
        return trouble
    trouble, values = run_midge(made, folder, given, expected)
    trouble = trouble or differ(values, expected)
    if trouble:
        return trouble
    try:
        values = litert(made)(**given)
    except (RuntimeError, ValueError) as error:
        return "LiteRT: " + str(error)
    trouble = differ(values, expected)
    return trouble and "in LiteRT: " + trouble


def freeze(function, folder):
    """The graph, and which of its tensors is which input and output."""
    try:
        frozen = convert_variables_to_constants_v2(function, lower_control_flow=False)
    except ValueError as error:
        return None, str(error), None
    path = os.path.join(folder, "frozen.pb")
    with open(path, "wb") as file:
        file.write(frozen.graph.as_graph_def().SerializeToString())
    return path, [t.op.name for t in frozen.inputs], [t.op.name for t in frozen.outputs]


def check_frozen(function, folder, given, expected):
    path, inputs, outputs = freeze(function, folder)
    if path is None:
        return UNFREEZABLE
    names = sorted(function.structured_input_signature[1])  # as the placeholders are
    made = os.path.join(folder, "frozen.tflite")
    trouble = run("convert", path, "-o", made)
    if trouble:
        return trouble
    places = dict(zip(names, inputs)) if len(names) == len(inputs) else {}
    values = litert(made)(**{places.get(name, name): value for name, value in given.items()})
    keys = sorted(expected)
    wanted = dict(zip(outputs, (expected[key] for key in keys)))
    return differ(values, wanted)


def module(name):
    make = next(make for make in tensorflow_models.ALL if make.__name__.lower() == name)
    return make()


def small(name):
    return keras_models.build(next(m for m in keras_models.ALL if m.__name__ == name))


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
    return model


def save(model, path):
    """Saves as a program would, and gives the function that is saved."""
    if isinstance(model, keras.Model):
        model.save(path) if old else model.export(path, verbose=False)
    else:
        tf.saved_model.save(model, path,
                            signatures={"serving_default": model.__call__.get_concrete_function()})


def check_model(model, folder):
    path = os.path.join(folder, "saved")
    save(model, path)
    loaded = tf.saved_model.load(path)
    function = loaded.signatures["serving_default"]
    given = tensorflow_models.inputs(function)
    expected = {key: value.numpy() for key, value in
                function(**{k: tf.constant(v) for k, v in given.items()}).items()}
    return {"SavedModel": check(path, folder, given, expected),
            "frozen graph": check_frozen(function, folder, given, expected)}


def cell(name, way, trouble):
    if trouble is None:
        return "FAILED" if not old and (name, way) in REFUSED else "ok"
    if trouble == UNFREEZABLE:
        return "-"
    told = re.sub(r"unknown_\d+", "unknown", trouble)  # the order of tables is TensorFlow's whim
    return "refused" if not old and told == REFUSED.get((name, way)) else "FAILED"


def main():
    big = "--networks" in sys.argv
    modules = [] if old or big else [make.__name__.lower() for make in tensorflow_models.ALL]
    models = list(NETWORKS) if big else [make.__name__ for make in keras_models.ALL]
    names = modules + models
    if "--only" in sys.argv:
        wanted = sys.argv[sys.argv.index("--only") + 1].split(",")
        names = [name for name in names if name in wanted]
    print(f"\n{'Keras ' + keras.__version__:24}{'SavedModel':>14}{'frozen graph':>14}")
    passed = failed = skipped = 0
    for name in names:
        keras.backend.clear_session()
        try:
            model = module(name) if name in modules else network(name) if big else small(name)
        except (AttributeError, TypeError, ValueError) as error:
            if not old:
                raise
            print(f"{name:24}{'-':>14}{'-':>14}  not in this Keras: {str(error)[:60]}")
            skipped += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                row = check_model(model, folder)
            except (tf.errors.OpError, TypeError, ValueError, RuntimeError) as error:
                row = {"SavedModel": "TensorFlow: " + str(error).splitlines()[0]}
        print(f"{name:24}" + "".join(f"{cell(name, way, row[way]):>14}" for way in row), flush=True)
        for way, trouble in row.items():
            if cell(name, way, trouble) == "FAILED":
                print(f"FAILED {name} as {way}: {trouble}")
        states = [cell(name, way, trouble) for way, trouble in row.items()]
        failed += states.count("FAILED")
        skipped += states.count("-")  # by TensorFlow: variables that training changes
        passed += states.count("ok") + states.count("refused")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
