# SPDX-License-Identifier: Apache-2.0
"""Turns a Network into a .tflite file in one number format.

  float    float32 throughout
  float16  weights stored as float16, a DEQUANTIZE before each use
  dynamic  int8 weights, one scale a channel; float32 activations
  int8     int8 weights, one scale a channel; int8 activations
  uint8    one asymmetric scale a tensor throughout, as models of 2018 and 2019 have it

Quantised formats need the range of every value, which `ranges` takes from runs of the float file.
"""
import numpy as np

from tflite_build import ACTIVATIONS, SAME, TYPES, ModelBuilder, Quantization, options

FORMATS = ("float", "float16", "dynamic", "int8", "uint8")
RANGE_KEEPERS = ("MAX_POOL_2D", "CONCATENATION")  # outputs share the scale of their inputs
CHANNEL_AXIS = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "TRANSPOSE_CONV": 0, "FULLY_CONNECTED": 0}
VERSIONS = {  # of operators whose version says which number formats they may meet
    "int8": {"CONV_2D": 3, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 4, "TRANSPOSE_CONV": 3,
             "SOFTMAX": 2, "ADD": 2, "MUL": 2, "MEAN": 2, "LOGISTIC": 2, "CONCATENATION": 2,
             "MAX_POOL_2D": 2},
    "dynamic": {"CONV_2D": 5, "DEPTHWISE_CONV_2D": 6, "FULLY_CONNECTED": 9}}


def settings_of(node):
    """The operator's options table; None where it has none."""
    attributes = node.attributes
    act = ACTIVATIONS[attributes.get("act", "NONE")]
    stride = attributes.get("stride", 1)
    strides = {"strideW": stride, "strideH": stride, "padding": SAME}
    if node.op == "CONV_2D":
        return options("Conv2DOptions", **strides, fusedActivationFunction=act,
                       dilationWFactor=1, dilationHFactor=1)
    if node.op == "DEPTHWISE_CONV_2D":
        return options("DepthwiseConv2DOptions", **strides, fusedActivationFunction=act,
                       depthMultiplier=1, dilationWFactor=1, dilationHFactor=1)
    if node.op == "TRANSPOSE_CONV":
        return options("TransposeConvOptions", padding=SAME, strideW=2, strideH=2)
    if node.op == "MAX_POOL_2D":
        return options("Pool2DOptions", **strides, filterWidth=attributes["kernel"],
                       filterHeight=attributes["kernel"])
    plain = {"FULLY_CONNECTED": ("FullyConnectedOptions", {"fusedActivationFunction": act}),
             "ADD": ("AddOptions", {"fusedActivationFunction": act}),
             "MUL": ("MulOptions", {}),
             "CONCATENATION": ("ConcatenationOptions", {"axis": 3}),
             "MEAN": ("ReducerOptions", {"keepDims": attributes.get("keep", False)}),
             "SOFTMAX": ("SoftmaxOptions", {"beta": 1.0})}
    return options(plain[node.op][0], **plain[node.op][1]) if node.op in plain else None


def shared_ranges(network, ranges):
    """Widens ranges until inputs and outputs of RANGE_KEEPERS agree."""
    ranges = list(ranges)
    changed = True
    while changed:
        changed = False
        for index, node in enumerate(network.nodes):
            if node.op not in RANGE_KEEPERS:
                continue
            group = [index, *node.inputs]
            whole = (min(ranges[n][0] for n in group), max(ranges[n][1] for n in group))
            changed |= any(ranges[n] != whole for n in group)
            for member in group:
                ranges[member] = whole
    return ranges


def affine(low, high, kind):
    """Scale and zero point so that 0 is exact and [low, high] just fits."""
    low, high = min(low, 0.0), max(high, 1e-6)
    scale = np.float32((high - low) / 255)
    lowest = -128 if kind == "int8" else 0
    return Quantization.of(scale, round(lowest - low / scale))


class Encoder:
    def __init__(self, network, form, ranges):
        self.network, self.form = network, form
        self.quantized = form in ("int8", "uint8")
        self.kind = form if self.quantized else "float32"
        self.ranges = shared_ranges(network, ranges) if self.quantized else None
        self.model = ModelBuilder(f"random weights, {form}")
        self.graph = self.model.graph()

    def quantization(self, index):
        if not self.quantized:
            return None
        if self.network.nodes[index].op in ("SOFTMAX", "LOGISTIC"):
            return Quantization.of(1 / 256, -128 if self.form == "int8" else 0)
        return affine(*self.ranges[index], self.form)

    def float16(self, values, shape):
        stored = self.graph.constant("float16", values.astype(np.float16))
        used = self.graph.tensor("float32", shape)
        self.graph.operator("DEQUANTIZE", [stored], [used])
        return used

    def weights(self, node):
        """Index of the filter tensor and its scales, () for float."""
        values = node.weights
        if self.form == "float":
            return self.graph.constant("float32", values), ()
        if self.form == "float16":
            return self.float16(values, values.shape), ()
        if self.form == "uint8":
            how = affine(float(values.min()), float(values.max()), "uint8")
            stored = np.clip(np.round(values / how.scale[0]) + how.zero[0], 0, 255)
            return self.graph.constant("uint8", stored.astype(np.uint8), how), how.scale
        axis = CHANNEL_AXIS[node.op]
        others = tuple(n for n in range(values.ndim) if n != axis)
        if node.op == "FULLY_CONNECTED":
            others = (0, 1)
        scale = (np.abs(values).max(others, keepdims=True) / 127).astype(np.float32)
        stored = np.clip(np.round(values / scale), -127, 127).astype(np.int8)
        how = Quantization(tuple(scale.reshape(-1)), (0,), axis)
        return self.graph.constant("int8", stored, how), how.scale

    def bias(self, node, scales):
        if self.form == "float16":
            return self.float16(node.bias, node.bias.shape)
        if not self.quantized:
            return self.graph.constant("float32", node.bias)
        source = np.float32(self.quantization(node.inputs[0]).scale[0])
        scale = (np.asarray(scales, np.float32) * source).astype(np.float32)
        stored = np.round(node.bias / scale).astype(np.int32)
        return self.graph.constant("int32", stored, Quantization(tuple(scale), (0,), 0))

    def node_inputs(self, node, values):
        inputs = [values[index] for index in node.inputs]
        if node.op == "MEAN":
            return [*inputs, self.graph.constant("int32", np.array([1, 2], np.int32))]
        if node.weights is None:
            return inputs
        filters, scales = self.weights(node)
        bias = self.bias(node, scales)
        if node.op == "TRANSPOSE_CONV":
            shape = self.graph.constant("int32", np.array(node.shape, np.int32))
            return [shape, filters, *inputs, bias]
        return [*inputs, filters, bias]

    def file(self):
        values = []
        for index, node in enumerate(self.network.nodes):
            make = self.graph.tensor
            if node.op == "INPUT":
                make = self.graph.input
            elif index == self.network.outputs:
                make = self.graph.output
            if node.op == "INPUT":
                values.append(make(self.kind, node.shape, self.quantization(index), name="input"))
                continue
            inputs = self.node_inputs(node, values)
            name = "output" if index == self.network.outputs else f"value_{index}"
            values.append(make(self.kind, node.shape, self.quantization(index), name=name))
            version = VERSIONS.get(self.form, {}).get(node.op, 1)
            if node.op == "TRANSPOSE_CONV":
                version = 3  # takes a bias
            self.graph.operator(node.op, inputs, [values[-1]], settings_of(node), version)
        return self.model.file()


def encode(network, form, ranges=None):
    """The file's bytes. `ranges`: (lowest, highest) of every node's value, for int8 and uint8."""
    return Encoder(network, form, ranges).file()


def ranges(network, content, runs=3, seed=0):
    """(lowest, highest) of every node's value over some runs of the float file."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    interpreter = Interpreter(
        model_content=content, experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES)
    interpreter.allocate_tensors()
    details = {item["name"]: item["index"] for item in interpreter.get_tensor_details()}
    random = np.random.default_rng(seed)
    found = [(np.inf, -np.inf)] * len(network.nodes)
    for _ in range(runs):
        shape = network.nodes[0].shape
        picture = random.uniform(-1, 1, shape).astype(np.float32)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], picture)
        interpreter.invoke()
        for index in range(len(network.nodes)):
            name = {0: "input", network.outputs: "output"}.get(index, f"value_{index}")
            value = interpreter.get_tensor(details[name])
            found[index] = (min(found[index][0], float(value.min())),
                            max(found[index][1], float(value.max())))
    return found
