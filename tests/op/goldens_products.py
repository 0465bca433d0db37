# SPDX-License-Identifier: Apache-2.0
"""Writes products_goldens.bin: models of one convolution, fully connected layer or matrix product with
the answers of LiteRT's reference kernels (resolver BUILTIN_REF).

    python3 goldens_products.py products_goldens.bin

needs numpy, flatbuffers and ai-edge-litert. The layout of the file is told in golden_file.h.

A kind names the types of a node: activations, then what is special about its weights or sums.
"""
import sys

import numpy as np

import goldens_nn
from goldens_nn import draw, options_of, random, record, schema

goldens_nn.TYPES["int4"] = 17
FLOATS, SAME, VALID = ("float32", "hybrid", "hybrid int4"), 0, 1
KINDS = ("float32", "int8", "int8 one scale", "uint8", "int16", "int16 short sums", "hybrid", "int8 int4")


class Model(goldens_nn.Model):
    def stored(self, values, kind, scales=None, axis=0, zero=0):
        """A constant, with a scale per slice of `axis` when there are several."""
        number = self.constant(values)
        tensor = self.graph.tensors[number]
        tensor.type = goldens_nn.TYPES[kind]
        if kind == "int4":
            flat = np.append(values.ravel(), np.zeros(values.size % 2, np.int8)) & 15
            self.buffers[-1].data = (flat[0::2] | flat[1::2] << 4).astype(np.uint8)
        if scales is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [float(s) for s in scales]
            tensor.quantization.zeroPoint = [int(zero)] * len(scales)
            tensor.quantization.quantizedDimension = axis
        return number


RMS = {"int8": 74, "uint8": 74, "int16": 18900, "int4": 4.3}  # of uniform values
DEVIATION = 4  # of results, about


def zero_point(kind):
    """Near the middle, so that sums are not all offset."""
    return {"int16": 0, "uint8": 128}.get(kind, 0) + (0 if kind == "int16" else random.integers(-9, 10))


def scale_for(kind, other_rms, depth):
    """Of activations, so that their products with values of that size come to DEVIATION."""
    return DEVIATION / (RMS[kind] * other_rms * depth ** 0.5)


def finish_output(model, kind):
    if kind == "float32":
        model.output(kind)
    else:
        model.output(kind, 2.5 * DEVIATION / np.iinfo("int16" if kind == "int16" else "int8").max,
                     zero_point(kind))


class Product:
    """A model with activations, weights, bias and output of matching scales."""

    def __init__(self, kind, shape, weight_shape, axis, depth, bias=True):
        self.model, self.kind, self.activation = Model(), kind, kind.split()[0]
        if kind in FLOATS:
            self.activation = "float32"
        channels, scale, zero = weight_shape[axis], None, 0
        self.weights, scales = self.stored_weights(weight_shape, axis, channels)
        if self.activation != "float32":
            rms = RMS["int4" if "int4" in kind else "int8"] * np.mean(scales)
            scale, zero = scale_for(self.activation, rms, depth), zero_point(self.activation)
        self.input = self.model.feed(draw(self.activation, shape), scale, zero)
        self.bias = self.stored_bias(channels, scale, scales) if bias else -1
        finish_output(self.model, self.activation)

    def stored_weights(self, shape, axis, channels):
        if self.kind == "float32":
            return self.model.stored(draw("float32", shape) / 2, "float32"), None
        if self.kind == "uint8":
            scales = [random.uniform(0.003, 0.03)]
            return self.model.stored(draw("uint8", shape), "uint8", scales, 0,
                                     zero_point("uint8")), scales
        several = channels if "one scale" not in self.kind else 1
        scales = random.uniform(0.005, 0.03, several).astype(np.float32)
        most = 7 if "int4" in self.kind else 127
        values = random.integers(-most, most + 1, shape).astype(np.int8)
        kind = "int4" if "int4" in self.kind else "int8"
        return self.model.stored(values, kind, scales, axis), scales

    def stored_bias(self, channels, scale, scales):
        if self.activation == "float32":
            return self.model.stored(draw("float32", (channels,)), "float32")
        kind = "int64" if self.kind == "int16" else "int32"
        values = random.integers(-2000, 2001, channels).astype(kind)
        return self.model.stored(values, kind, np.float32(scale) * np.asarray(scales, np.float32))


def sums_of(kind):
    """Without the option LiteRT reads any bias of int16 products as int64."""
    return goldens_nn.TYPES["int32" if "short" in kind else "float32"]


def convolutions():
    for shape, out, filter_size, stride, dilation, padding, activation, kinds in (
            ((1, 9, 7, 3), 17, (3, 3), (2, 2), (1, 1), SAME, 3, KINDS),
            ((2, 4, 5, 16), 33, (1, 1), (1, 1), (1, 1), VALID, 0, KINDS),
            ((1, 8, 9, 20), 7, (3, 2), (1, 1), (2, 1), SAME, 1, KINDS),
            ((1, 18, 13, 16), 24, (3, 3), (1, 1), (1, 1), SAME, 0, ("float32", "int8", "uint8")),
            ((1, 12, 17, 17), 19, (3, 3), (1, 1), (1, 1), VALID, 3, ("float32",)),
            ((1, 5, 6, 8), 12, (3, 3), (1, 1), (1, 1), VALID, 0, ("float32 groups", "int8 groups")),
            ((1, 1, 150, 2), 5, (1, 31), (1, 2), (1, 1), SAME, 0, ("float32", "int8", "int16"))):
        for kind in kinds:
            channels = shape[3] // 2 if "groups" in kind else shape[3]
            weights = (out, *filter_size, channels)
            made = Product(kind.replace(" groups", ""), shape, weights, 0, np.prod(weights[1:]))
            version = {"float32": 1, "int8": 3, "uint8": 1, "int16": 4}.get(kind.split()[0], 5)
            yield (f"CONV_2D {kind} {shape}", made, "CONV_2D", 6 if "groups" in kind else version,
                   options_of("Conv2DOptions", padding=padding, strideH=stride[0],
                              strideW=stride[1], dilationHFactor=dilation[0],
                              dilationWFactor=dilation[1], fusedActivationFunction=activation,
                              quantizedBiasType=sums_of(kind)))


def depthwise_convolutions():
    for shape, multiplier, size, stride, dilation, padding, activation in (
            ((1, 7, 13, 19), 1, 3, 1, 1, SAME, 3), ((2, 9, 8, 5), 2, 5, 2, 1, SAME, 0),
            ((1, 9, 10, 24), 1, 3, 1, 2, VALID, 1), ((1, 6, 21, 32), 1, 3, 2, 1, SAME, 0),
            ((1, 8, 5, 1), 8, 4, 1, 1, SAME, 0)):
        for kind in ("float32", "int8", "uint8", "int16", "hybrid"):
            channels = shape[3] * multiplier
            made = Product(kind, shape, (1, size, size, channels), 3, size * size)
            version = {"float32": 2, "int8": 3, "uint8": 2, "int16": 5, "hybrid": 6}[kind]
            yield (f"DEPTHWISE_CONV_2D {kind} {shape}", made, "DEPTHWISE_CONV_2D", version,
                   options_of("DepthwiseConv2DOptions", padding=padding, strideH=stride,
                              strideW=stride, depthMultiplier=multiplier,
                              dilationHFactor=dilation, dilationWFactor=dilation,
                              fusedActivationFunction=activation))


def layers():
    for kind in (*KINDS, "hybrid int4", "hybrid asymmetric"):
        for rows, depth, out, bias in ((1, 70, 37, True), (9, 38, 21, True), (3, 8, 2, False)):
            asymmetric = kind == "hybrid asymmetric"
            made = Product("hybrid" if asymmetric else kind, (rows, depth), (out, depth), 0, depth,
                           bias or kind in FLOATS)
            version = {"float32": 1, "uint8": 5, "int16": 11}.get(kind.split()[0], 12)
            yield (f"FULLY_CONNECTED {kind} {rows} x {depth}", made, "FULLY_CONNECTED", version,
                   options_of("FullyConnectedOptions", fusedActivationFunction=rows % 2,
                              asymmetricQuantizeInputs=asymmetric,
                              quantizedBiasType=sums_of(kind)))


def transposed_convolutions():
    for kind in ("float32", "int8", "uint8", "int16"):
        for shape, size, stride, padding, out in (((1, 5, 4, 6), (3, 3), 2, SAME, 9),
                                                  ((1, 3, 4, 18), (4, 2), 2, VALID, 5),
                                                  ((1, 4, 4, 3), (2, 3), 3, VALID, 17)):
            made = Product(kind, shape, (out, *size, shape[3]), 0,
                           max(1, size[0] * size[1] // stride ** 2) * shape[3])
            sides = [n * stride if padding == SAME else (n - 1) * stride + k
                     for n, k in zip(shape[1:3], size)]
            target = made.model.constant(np.array([1, *sides, out], np.int32))
            yield (f"TRANSPOSE_CONV {kind} {shape}", made, "TRANSPOSE_CONV", 3,
                   options_of("TransposeConvOptions", padding=padding, strideH=stride,
                              strideW=stride), [target, made.weights, made.input, made.bias])


def volumes():
    for shape, size, strides, padding, out, activation in (
            ((1, 5, 4, 6, 3), (3, 2, 3), (1, 2, 1), SAME, 19, 1),
            ((2, 3, 4, 5, 18), (2, 2, 2), (2, 1, 2), VALID, 5, 0)):
        options = dict(padding=padding, strideD=strides[0], strideH=strides[1], strideW=strides[2],
                       dilationDFactor=1, dilationHFactor=1, dilationWFactor=1,
                       fusedActivationFunction=activation)
        made = Product("float32", shape, (*size, shape[4], out), 4, np.prod(size) * shape[4])
        yield f"CONV_3D {shape}", made, "CONV_3D", 1, options_of("Conv3DOptions", **options)
        made = Product("float32", shape, (*size, out, shape[4]), 3, np.prod(size) * shape[4])
        sides = [n * s if padding == SAME else (n - 1) * s + k
                 for n, s, k in zip(shape[1:4], strides, size)]
        target = made.model.constant(np.array([shape[0], *sides, out], np.int32))
        yield (f"CONV_3D_TRANSPOSE {shape}", made, "CONV_3D_TRANSPOSE", 1,
               options_of("Conv3DOptions", **options),
               [target, made.weights, made.input, made.bias])


def matrix_products():
    for kind in ("float32", "int8", "int16"):
        for left, right, flip_left, flip_right in (((2, 5, 18), (2, 18, 7), False, False),
                                                   ((3, 1, 18, 5), (2, 7, 18), True, True),
                                                   ((9, 40), (17, 40), False, True)):
            model = Model()
            depth = left[-2] if flip_left else left[-1]
            scale = None if kind == "float32" else scale_for(kind, RMS[kind] * 0.01, depth)
            inputs = [model.feed(draw(kind, left), scale, zero_point(kind)),
                      model.feed(draw(kind, right), scale and 0.01, zero_point(kind))]
            finish_output(model, kind)
            yield (f"BATCH_MATMUL {kind} {left}", model, "BATCH_MATMUL", 3 if kind == "int16" else 2,
                   inputs, options_of("BatchMatMulOptions", adjX=flip_left, adjY=flip_right))


def cases():
    for family in (convolutions, depthwise_convolutions, layers, transposed_convolutions, volumes):
        for name, made, op, version, options, *inputs in family():
            inputs = inputs[0] if inputs else [made.input, made.weights, made.bias]
            yield name, made.model, op, version, inputs, options
    yield from matrix_products()


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        for case in cases():
            file.write(record(*case))
