# SPDX-License-Identifier: Apache-2.0
"""Turns a Network into the twin .onnx that onnxruntime reads: the same layers and weights, in NCHW.

  float    float32 throughout
  int8     each value and filter between QuantizeLinear and DequantizeLinear with the scales of the
           .tflite, which onnxruntime fuses to integer kernels; values in uint8, filters in int8,
           for which it has its fastest ones

Other formats have no twin. Needs the package onnx.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from encode import affine, shared_ranges

FORMATS = ("float", "int8")
SIGMOID_LIKE = ("SOFTMAX", "LOGISTIC")


def padding(size, kernel, stride):
    whole = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return whole // 2, whole - whole // 2


class Encoder:
    def __init__(self, network, form, ranges):
        self.network, self.quantized = network, form == "int8"
        self.ranges = shared_ranges(network, ranges) if self.quantized else None
        self.nodes, self.constants = [], []

    def constant(self, values):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def how(self, index):
        """Scale and zero point of a value."""
        if self.network.nodes[index].op in SIGMOID_LIKE:
            return np.float32(1 / 256), np.uint8(0)
        quantization = affine(*self.ranges[index], "uint8")
        return np.float32(quantization.scale[0]), np.uint8(quantization.zero[0])

    def rounded(self, index, value):
        """The value as the integers of its tensor hold it."""
        if not self.quantized:
            return value
        scale, zero = (self.constant(part) for part in self.how(index))
        stored = self.node("QuantizeLinear", [value, scale, zero])
        return self.node("DequantizeLinear", [stored, scale, zero])

    def filters(self, values):
        """Channels outermost; also the scales, None for float."""
        if not self.quantized:
            return self.constant(values), None
        others = tuple(range(1, values.ndim))
        scale = (np.abs(values).max(others) / 127).astype(np.float32)
        spread = scale.reshape(-1, *[1] * (values.ndim - 1))
        stored = np.clip(np.round(values / spread), -127, 127).astype(np.int8)
        zeros = self.constant(np.zeros(len(scale), np.int8))
        return self.node("DequantizeLinear",
                         [self.constant(stored), self.constant(scale), zeros], axis=0), scale

    def bias(self, node, scale):
        if scale is None:
            return self.constant(node.bias)
        scale = (scale * self.how(node.inputs[0])[0]).astype(np.float32)
        stored = np.round(node.bias / scale).astype(np.int32)
        zeros = self.constant(np.zeros(len(scale), np.int32))
        return self.node("DequantizeLinear",
                         [self.constant(stored), self.constant(scale), zeros], axis=0)

    def activated(self, node, value):
        act = node.attributes.get("act", "NONE")
        if act == "RELU":
            return self.node("Relu", [value])
        if act == "RELU6":
            low, high = (self.constant(np.float32(limit)) for limit in (0, 6))
            return self.node("Clip", [value, low, high])
        return value

    def convolution(self, node, source):
        weights = node.weights
        if node.op == "DEPTHWISE_CONV_2D":
            weights, group = weights.transpose(3, 0, 1, 2), weights.shape[3]
        else:
            weights, group = weights.transpose(0, 3, 1, 2), 1
        kernel, stride = weights.shape[2], node.attributes["stride"]
        top, bottom = padding(self.network.shape(node.inputs[0])[1], kernel, stride)
        left, right = padding(self.network.shape(node.inputs[0])[2], kernel, stride)
        filters, scale = self.filters(weights)
        value = self.node("Conv", [source, filters, self.bias(node, scale)], group=group,
                          kernel_shape=[kernel, kernel], strides=[stride, stride],
                          pads=[top, left, bottom, right])
        return self.activated(node, value)

    def up_convolution(self, node, source):
        # From [out][height][width][in] to [in][out][height][width].
        filters = self.constant(node.weights.transpose(3, 0, 1, 2))
        return self.node("ConvTranspose", [source, filters, self.constant(node.bias)],
                         kernel_shape=[2, 2], strides=[2, 2])

    def fully_connected(self, node, source):
        filters, scale = self.filters(node.weights)
        return self.node("Gemm", [source, filters, self.bias(node, scale)], transB=1)

    def pooled(self, node, source):
        kernel, stride = node.attributes["kernel"], node.attributes["stride"]
        top, bottom = padding(self.network.shape(node.inputs[0])[1], kernel, stride)
        left, right = padding(self.network.shape(node.inputs[0])[2], kernel, stride)
        return self.node("MaxPool", [source], kernel_shape=[kernel, kernel],
                         strides=[stride, stride], pads=[top, left, bottom, right])

    def mean(self, node, source):
        value = self.node("GlobalAveragePool", [source])
        return value if node.attributes["keep"] else self.node("Flatten", [value])

    def value(self, node, inputs):
        if node.op in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            return self.convolution(node, inputs[0])
        special = {"TRANSPOSE_CONV": self.up_convolution, "MEAN": self.mean,
                   "FULLY_CONNECTED": self.fully_connected, "MAX_POOL_2D": self.pooled}
        if node.op in special:
            return special[node.op](node, inputs[0])
        plain = {"ADD": "Add", "MUL": "Mul", "LOGISTIC": "Sigmoid", "SOFTMAX": "Softmax",
                 "CONCATENATION": "Concat"}
        attributes = {"axis": 1} if node.op in ("CONCATENATION", "SOFTMAX") else {}
        return self.activated(node, self.node(plain[node.op], inputs, **attributes))

    def file(self):
        values = []
        for index, node in enumerate(self.network.nodes):
            value = "input" if node.op == "INPUT" else self.value(
                node, [values[source] for source in node.inputs])
            values.append(self.rounded(index, value))
        batch, height, width, depth = self.network.nodes[0].shape
        entry = helper.make_tensor_value_info("input", TensorProto.FLOAT,
                                              [batch, depth, height, width])
        end = helper.make_tensor_value_info(values[self.network.outputs], TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "random weights", [entry], [end], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 8
        return model.SerializeToString()


def encode(network, form, ranges=None):
    """The file's bytes."""
    return Encoder(network, form, ranges).file()
