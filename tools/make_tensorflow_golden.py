#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the modules of tests/convert/tensorflow_models.py and a Keras model as SavedModels
tests/convert/NAME.saved, what TensorFlow computes with them as NAME.saved/expected (the outputs by
name as float32, one after another), one frozen graph, and models to refuse. What no reader needs is
left out, so that they are small. Needs TensorFlow 2.16 or newer.

usage: tools/make_tensorflow_golden.py"""
import os
import pathlib
import shutil
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
folder = pathlib.Path(__file__).resolve().parent.parent / "tests" / "convert"
sys.path.insert(0, str(folder))
import keras  # noqa: E402
import keras_models  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tensorflow_models  # noqa: E402
from tensorflow.core.framework import graph_pb2  # noqa: E402
from tensorflow.core.protobuf import saved_model_pb2  # noqa: E402
from tensorflow.python.framework.convert_to_constants import (  # noqa: E402
    convert_variables_to_constants_v2)

FUNCTIONS = ("f", "cond", "body", "then_branch", "else_branch")
DECORATION = ("_output_shapes", "_class", "debug_name", "config_proto", "config", "executor_type",
              "_collective_manager_ids", "_read_only_resource_inputs", "_XlaMustCompile",
              "_has_manual_control_dependencies", "_num_original_outputs", "_lower_using_switch_merge")


def strip_node(node):
    node.ClearField("experimental_debug_info")
    node.device = ""
    for key in DECORATION:
        node.attr.pop(key, None)


def strip_graph(graph, roots):
    """Keeps what the roots need."""
    nodes = {node.name: node for node in graph.node}
    wanted, queue = set(), [name.lstrip("^").split(":")[0] for name in roots if name]
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += [text.lstrip("^").split(":")[0] for text in nodes[name].input]
    kept = [node for node in graph.node if node.name in wanted]
    functions = {function.signature.name: function for function in graph.library.function}
    called, queue = set(), list(kept)
    while queue:
        node = queue.pop()
        for key in FUNCTIONS:
            name = node.attr[key].func.name if key in node.attr else ""
            if name and name not in called:
                called.add(name)
                queue += functions[name].node_def
    library = []
    for name in sorted(called):
        function = functions[name]
        function.ClearField("attr")
        function.ClearField("arg_attr")
        function.ClearField("resource_arg_unique_id")
        for argument in list(function.signature.input_arg) + list(function.signature.output_arg):
            argument.ClearField("experimental_full_type")
        library.append(function)
    made = graph_pb2.GraphDef(node=kept)
    made.library.function.extend(library)
    for node in list(made.node) + [n for f in made.library.function for n in f.node_def]:
        strip_node(node)
    graph.CopyFrom(made)


def strip(path):
    file = path / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    meta = model.meta_graphs[0]
    meta.ClearField("object_graph_def")
    meta.meta_info_def.ClearField("stripped_op_list")
    start = "__saved_model_init_op"  # fills tables
    for key in [key for key in meta.signature_def if key not in ("serving_default", start)]:
        del meta.signature_def[key]
    starts = [info.name for info in meta.signature_def[start].outputs.values()
              ] if start in meta.signature_def else []
    outputs = [info.name for info in meta.signature_def["serving_default"].outputs.values()]
    inputs = [info.name for info in meta.signature_def["serving_default"].inputs.values()]
    strip_graph(meta.graph_def, outputs + inputs + starts + [meta.saver_def.restore_op_name])
    file.write_bytes(model.SerializeToString(deterministic=True))


def compute(path):
    function = tf.saved_model.load(str(path)).signatures["serving_default"]
    given = tensorflow_models.inputs(function)
    outputs = function(**{name: tf.constant(value) for name, value in given.items()})
    return b"".join(outputs[name].numpy().astype("<f4").tobytes() for name in sorted(outputs))


def write(name, save):
    target = folder / (name + ".saved")
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / "model"
        save(str(path))
        expected = compute(path)
        strip(path)
        shutil.copytree(path / "variables", target / "variables")
        shutil.copy(path / "saved_model.pb", target)
        (target / "expected").write_bytes(expected)


def save_module(module, path):
    tf.saved_model.save(module, path,
                        signatures={"serving_default": module.__call__.get_concrete_function()})


for make in tensorflow_models.ALL:
    write(make.__name__.lower(), lambda path, make=make: save_module(make(), path))
write("keras", lambda path: keras_models.build(keras_models.dense).export(path, verbose=False))
write("objects", lambda path: tf.saved_model.save(keras_models.build(keras_models.dense), path))
write("lstm", lambda path: keras_models.build(lambda: keras.Sequential(
    [keras.Input((5, 3)), keras.layers.LSTM(4), keras.layers.Dense(2)])).export(
        path, verbose=False))

module = tensorflow_models.Fashion()
frozen = convert_variables_to_constants_v2(module.__call__.get_concrete_function())
graph = frozen.graph.as_graph_def()
for node in graph.node:
    strip_node(node)
(folder / "fashion_frozen.pb").write_bytes(graph.SerializeToString(deterministic=True))
shutil.copy(folder / "fashion.saved" / "expected", folder / "fashion_frozen.expected")

# ---- To refuse


class Odd(tf.Module):
    @tf.function(input_signature=[tensorflow_models.spec([1, 4])])
    def __call__(self, x):
        return {"y": tf.math.digamma(x) + tf.math.igamma(x, x)}


class Open(tf.Module):
    @tf.function(input_signature=[tensorflow_models.spec([1, None, 4])])
    def __call__(self, x):
        return {"y": x + 1}


class Counter(tf.Module):
    def __init__(self):
        super().__init__()
        self.count = tf.Variable(1.0)

    @tf.function(input_signature=[tensorflow_models.spec([1, 4])])
    def __call__(self, x):
        return {"y": x + self.count.assign_add(1.0)}


def frozen_graph(name, text):
    graph = graph_pb2.GraphDef()
    from google.protobuf import text_format
    text_format.Parse(text, graph)
    (folder / (name + ".pb")).write_bytes(graph.SerializeToString(deterministic=True))


for name, make in (("hostile_odd", Odd), ("hostile_open", Open), ("hostile_counter", Counter)):
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / "model"
        save_module(make(), str(path))
        strip(path)
        (folder / (name + ".saved")).mkdir(exist_ok=True)
        shutil.copy(path / "saved_model.pb", folder / (name + ".saved"))
        shutil.copytree(path / "variables", folder / (name + ".saved") / "variables",
                        dirs_exist_ok=True)
FUNCTION = """library { function { signature { name: "again" input_arg { name: "x" type: DT_FLOAT }
  output_arg { name: "y" type: DT_FLOAT } } node_def { name: "more" op: "PartitionedCall" input: "x"
  attr { key: "f" value { func { name: "again" } } } } ret { key: "y" value: "more:output:0" } } }"""
X = 'node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }'
frozen_graph("hostile_calls", X + """node { name: "y" op: "PartitionedCall" input: "x"
  attr { key: "f" value { func { name: "again" } } } }""" + FUNCTION)
frozen_graph("hostile_cycle", X + """node { name: "a" op: "AddV2" input: "x" input: "b" }
  node { name: "b" op: "Relu" input: "a" } node { name: "c" op: "Relu" input: "b" }""")
frozen_graph("hostile_identity", X + """node { name: "a" op: "Identity" input: "b" }
  node { name: "b" op: "Identity" input: "a" } node { name: "c" op: "AddV2" input: "x" input: "a" }
  """)
frozen_graph("hostile_constant", X + """node { name: "c" op: "Const" attr { key: "value" value {
  tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2000000000 } } float_val: 1 } } } }
  node { name: "y" op: "AddV2" input: "x" input: "c" }""")
frozen_graph("hostile_variable", X + """node { name: "v" op: "VariableV2" }
  node { name: "y" op: "AddV2" input: "x" input: "v" }""")


def constant(name, dtype, values):
    sizes = f"dim {{ size: {len(values)} }}" if isinstance(values, list) else ""
    field = {"DT_INT64": "int64_val", "DT_FLOAT": "float_val", "DT_STRING": "string_val"}[dtype]
    values = values if isinstance(values, list) else [values]
    listed = " ".join(f'{field}: {value!r}'.replace("'", '"') for value in values)
    return f'''node {{ name: "{name}" op: "Const" attr {{ key: "value" value {{ tensor {{
      dtype: {dtype} tensor_shape {{ {sizes} }} {listed} }} }} }} }}'''


def table_graph(name, kinds, keys, values, fill='input: "keys" input: "values"'):
    """Looks up x in a table that `fill` fills."""
    frozen_graph(name, X.replace("DT_FLOAT", kinds[0]) + constant("keys", kinds[0], keys) +
                 constant("values", kinds[1], values) + constant("other", kinds[1], values[0]) +
                 'node { name: "table" op: "HashTableV2" }' +
                 (f'node {{ name: "fill" op: "LookupTableImportV2" input: "table" {fill} }}'
                  if fill else "") +
                 'node { name: "y" op: "LookupTableFindV2" input: "table" input: "x" '
                 'input: "other" }')


INTEGERS = ("DT_INT64", "DT_INT64")
table_graph("hostile_table_empty", INTEGERS, [1, 2], [3, 4], "")
table_graph("hostile_table_counts", INTEGERS, [1, 2], [3])
table_graph("hostile_table_types", ("DT_STRING", "DT_FLOAT"), ["a", "b"], [3.0, 4.0])
table_graph("hostile_table_input", INTEGERS, [1, 2], [3, 4], 'input: "x" input: "values"')
table_graph("hostile_table_repeats", INTEGERS, [-2**63, 2**63 - 1, 5, 5, 5], [1, 2, 3, 4, 5])
