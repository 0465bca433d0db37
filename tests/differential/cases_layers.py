# SPDX-License-Identifier: Apache-2.0
"""Operators with weights, pooling, normalisation: the layers of networks.

Number formats of a layer: float32; hybrid (float activations, int8 weights); int8 with a scale per
channel or per tensor; int4 (int8 activations, int4 weights); uint8; int16 (int16 activations, int8
weights, 64-bit bias).
"""
import numpy as np

from case import ABSENT, MOVED, SUMMED, Case, constant, covers, options, result
from tflite_build import Quantization

FORMATS = ("float32", "hybrid", "int8", "int8", "int4", "uint8", "int16")
ACTIVATIONS = {"hybrid": "float32", "int4": "int8"}  # where they are not called like the format


def activations(draw, form, shape):
    """The input of a layer in a number format."""
    kind = ACTIVATIONS.get(form, form)
    return draw.tensor(kind, shape, draw.quantization(kind))


def weights(draw, form, shape, axis, per_channel):
    """(filter argument, its scales or None)."""
    if form == "float32":
        fan_in = np.prod(shape) / shape[axis]
        values = draw.random.normal(0, 1 / np.sqrt(fan_in), shape)
        return constant("float32", values), None
    if form == "uint8":
        how = draw.quantization("uint8", draw.real(0.002, 0.05))
        return constant("uint8", draw.values("uint8", shape), how), np.array(how.scale)
    count = shape[axis] if per_channel else 1
    scale = draw.random.uniform(0.002, 0.05, count).astype(np.float32)
    if form == "int4":
        how = Quantization(tuple(scale * 16), (0,), axis)
        return constant("int4", draw.random.integers(-7, 8, shape), how), scale * 16
    how = Quantization(tuple(scale), (0,), axis)
    return constant("int8", draw.random.integers(-127, 128, shape), how), scale


def bias(draw, form, size, source, scales):
    if form in ("float32", "hybrid"):
        return constant("float32", draw.random.normal(0, 0.5, size))
    kind = "int64" if form == "int16" else "int32"
    scale = np.float32(source.quantization.scale[0]) * np.asarray(scales, np.float32)
    values = draw.random.integers(-3000, 3000, size)
    return constant(kind, values, Quantization(tuple(scale), (0,), 0))


def layer_output(draw, form, source, scales, depth):
    """An output whose scale fits a sum of `depth` products, so that few values saturate."""
    if form in ("float32", "hybrid"):
        return result("float32")
    step = float(source.quantization.scale[0] * np.max(scales))
    weight = 4.0 if form == "int4" else 74.0
    spread = weight * np.sqrt(depth) * (74.0 if form != "int16" else 19000.0)
    full = 127.0 if form != "int16" else 32767.0
    scale = step * spread * draw.real(1.0, 3.0) / full
    kind = ACTIVATIONS.get(form, form)
    return result(kind, draw.quantization(kind, scale * (128 if form == "int16" else 1)))


def geometry(draw, kernel_h, kernel_w):
    """Strides, dilations and padding, with an input that the kernel fits into."""
    stride_h, stride_w = draw.one((1, 1), (1, 1), (2, 2), (1, 2), (3, 1))
    dilation_h, dilation_w = draw.one((1, 1), (1, 1), (1, 1), (2, 2), (1, 3))
    if max(stride_h, stride_w) > 1:
        dilation_h = dilation_w = 1
    height = (kernel_h - 1) * dilation_h + draw.integer(1, 9)
    width = (kernel_w - 1) * dilation_w + draw.integer(1, 11)
    fields = {"padding": draw.integer(0, 1), "strideH": stride_h, "strideW": stride_w,
              "dilationHFactor": dilation_h, "dilationWFactor": dilation_w,
              "fusedActivationFunction": draw.integer(0, 3)}
    return height, width, fields


@covers("CONV_2D", cases=90)
def convolution(draw, op):
    form = draw.one(*FORMATS)
    kernel_h, kernel_w = draw.one((1, 1), (1, 1), (3, 3), (3, 3), (2, 3), (5, 5), (1, 4))
    height, width, fields = geometry(draw, kernel_h, kernel_w)
    depth, channels = draw.size(9), draw.size(9)
    if draw.chance(0.15):  # past every tile of a matrix kernel
        depth, channels = draw.integer(30, 140), draw.integer(30, 90)
    group = depth
    if draw.chance(0.1) and form in ("float32", "int8"):  # grouped
        group, depth = depth, 2 * depth
        channels *= 2
    source = activations(draw, form, [draw.integer(1, 2), height, width, depth])
    per_channel = form in ("hybrid", "int16", "int4") or (form == "int8" and draw.chance(0.85))
    shape = [channels, kernel_h, kernel_w, group]
    filters, scales = weights(draw, form, shape, 0, per_channel)
    version = {"float32": 1, "uint8": 1, "int8": 3, "int16": 4, "hybrid": 5, "int4": 7}[form]
    if group != depth:
        version = 6
    return Case(op, [source, filters, bias(draw, form, channels, source, scales)],
                [layer_output(draw, form, source, scales, kernel_h * kernel_w * group)],
                options("Conv2DOptions", **fields), version, bound=SUMMED)


@covers("DEPTHWISE_CONV_2D", cases=70)
def depthwise(draw, op):
    form = draw.one(*FORMATS)
    kernel_h, kernel_w = draw.one((3, 3), (3, 3), (5, 5), (1, 1), (2, 3), (1, 7))
    height, width, fields = geometry(draw, kernel_h, kernel_w)
    multiplier = draw.one(1, 1, 1, 2, 3)
    depth = draw.size(9)
    channels = depth * multiplier
    source = activations(draw, form, [draw.integer(1, 2), height, width, depth])
    per_channel = form in ("hybrid", "int16", "int4") or (form == "int8" and draw.chance(0.85))
    filters, scales = weights(draw, form, [1, kernel_h, kernel_w, channels], 3, per_channel)
    settings = options("DepthwiseConv2DOptions", depthMultiplier=multiplier, **fields)
    version = {"float32": 2, "uint8": 2, "int8": 3, "int16": 5, "hybrid": 6, "int4": 6}[form]
    return Case(op, [source, filters, bias(draw, form, channels, source, scales)],
                [layer_output(draw, form, source, scales, kernel_h * kernel_w)],
                settings, version, bound=SUMMED)


@covers("FULLY_CONNECTED", cases=70)
def fully_connected(draw, op):
    form = draw.one(*FORMATS)
    depth, units = draw.size(20), draw.size(20)
    if draw.chance(0.2):
        depth, units = draw.integer(60, 300), draw.integer(20, 130)
    keep = draw.chance(0.2)
    batches = [draw.integer(1, 4)] + ([draw.integer(1, 3)] if keep else [])
    source = activations(draw, form, [*batches, depth])
    per_channel = form in ("int8", "int4") and draw.chance(0.3)
    filters, scales = weights(draw, form, [units, depth], 0, per_channel)
    inputs = [source, filters, bias(draw, form, units, source, scales)]
    if draw.chance(0.2):
        inputs[2] = ABSENT
    settings = options("FullyConnectedOptions", fusedActivationFunction=draw.integer(0, 3),
                       keepNumDims=keep, asymmetricQuantizeInputs=form == "hybrid")
    version = {"float32": 6, "uint8": 6, "int8": 6, "int16": 7, "hybrid": 9, "int4": 10}[form]
    return Case(op, inputs, [layer_output(draw, form, source, scales, depth)], settings, version,
                bound=SUMMED)


@covers("TRANSPOSE_CONV", cases=40)
def transposed_convolution(draw, op):
    form = draw.one("float32", "int8", "uint8", "int16")
    kernel_h, kernel_w = draw.one((2, 2), (3, 3), (4, 4), (1, 3))
    stride_h, stride_w = draw.one((1, 1), (2, 2), (2, 1))
    height, width, padding = draw.integer(1, 6), draw.integer(1, 6), draw.integer(0, 1)
    depth, channels, batch = draw.size(7, 40), draw.size(7, 40), draw.integer(1, 2)
    extra = 0 if padding == 0 else 1  # VALID: the last windows reach past the last stride
    shape = [batch, height * stride_h + extra * max(0, kernel_h - stride_h),
             width * stride_w + extra * max(0, kernel_w - stride_w), channels]
    source = activations(draw, form, [batch, height, width, depth])
    filters, scales = weights(draw, form, [channels, kernel_h, kernel_w, depth], 0,
                              form in ("int8", "int16"))
    inputs = [draw.parameter("int32", shape), filters, source]
    if draw.chance(0.7):
        inputs.append(bias(draw, form, channels, source, scales))
    settings = options("TransposeConvOptions", padding=padding, strideH=stride_h,
                       strideW=stride_w, fusedActivationFunction=draw.one(0, 0, 1))
    return Case(op, inputs, [layer_output(draw, form, source, scales, kernel_h * depth)],
                settings, 4, bound=SUMMED)


@covers("CONV_3D", "CONV_3D_TRANSPOSE", cases=10)
def convolution_3d(draw, op):
    kernel, depth, channels = [draw.integer(1, 3) for _ in range(3)], draw.size(5, 20), draw.size(5)
    strides = [draw.integer(1, 2) for _ in range(3)]
    size = [k + draw.integer(0, 4) for k in kernel]
    source = draw.tensor("float32", [1, *size, depth])
    settings = options("Conv3DOptions", padding=draw.integer(0, 1), strideD=strides[0],
                       strideH=strides[1], strideW=strides[2], dilationDFactor=1,
                       dilationHFactor=1, dilationWFactor=1)
    if op == "CONV_3D":
        filters, _ = weights(draw, "float32", [*kernel, depth, channels], 4, False)
        inputs = [source, filters, bias(draw, "float32", channels, source, None)]
        return Case(op, inputs, [result("float32")], settings, bound=SUMMED)
    settings.padding = 0
    shape = [1, *(a * b for a, b in zip(size, strides)), channels]
    filters, _ = weights(draw, "float32", [*kernel, channels, depth], 3, False)
    inputs = [constant("int32", shape), filters, source,
              bias(draw, "float32", channels, source, None)]
    return Case(op, inputs, [result("float32")], settings, bound=SUMMED)


@covers("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D", cases=30)
def pooling(draw, op):
    kind = "float32" if op.startswith("L2") else draw.one("float32", "int8", "uint8", "int16")
    window_h, window_w = draw.one((2, 2), (3, 3), (1, 3), (5, 2), (7, 7))
    stride_h, stride_w = draw.one((1, 1), (2, 2), (2, 1), (3, 3))
    shape = [draw.integer(1, 2), window_h + draw.integer(0, 7), window_w + draw.integer(0, 7),
             draw.size(9)]
    how = draw.quantization(kind)
    settings = options("Pool2DOptions", padding=draw.integer(0, 1), strideH=stride_h,
                       strideW=stride_w, filterHeight=window_h, filterWidth=window_w,
                       fusedActivationFunction=draw.integer(0, 3))
    version = {"int8": 2, "int16": 3}.get(kind, 1)
    return Case(op, [draw.tensor(kind, shape, how)], [result(kind, how)], settings, version,
                bound=MOVED if op == "MAX_POOL_2D" else SUMMED)


@covers("BATCH_MATMUL", cases=40)
def batch_matmul(draw, op):
    kind = draw.one("float32", "int8", "int16")
    rows, depth, columns = draw.size(9), draw.size(9), draw.size(9)
    batches = draw.shape(0, 2, 3) if draw.chance(0.8) else []
    batches = batches or [1]
    adjoint_x, adjoint_y = draw.chance(0.3), draw.chance(0.3)
    other = [1 if draw.chance(0.25) else size for size in batches]
    left = draw.tensor(kind, [*batches, *((depth, rows) if adjoint_x else (rows, depth))],
                       draw.quantization(kind))
    right = draw.tensor(kind, [*other, *((columns, depth) if adjoint_y else (depth, columns))],
                        draw.quantization(kind), constant_chance=0.4)
    out = result(kind)
    if kind != "float32":
        out = layer_output(draw, kind, left, [right.quantization.scale[0] * (
            256 if kind == "int16" else 1)], depth)
    settings = options("BatchMatMulOptions", adjX=adjoint_x, adjY=adjoint_y)
    return Case(op, [left, right], [out], settings, {"int8": 2, "int16": 3}.get(kind, 1),
                bound=SUMMED)


@covers("SOFTMAX", "LOG_SOFTMAX", cases=24)
def softmax(draw, op):
    kinds = ("float32", "int8", "uint8", "int16") if op == "SOFTMAX" else ("float32", "int8")
    kind = draw.one(*kinds)
    fixed = {("SOFTMAX", "int8"): (1 / 256, -128), ("SOFTMAX", "uint8"): (1 / 256, 0),
             ("SOFTMAX", "int16"): (1 / 32768, 0), ("LOG_SOFTMAX", "int8"): (16 / 256, 127)}
    out = Quantization.of(*fixed[op, kind]) if kind != "float32" else None
    settings = options("LogSoftmaxOptions") if op != "SOFTMAX" else options(
        "SoftmaxOptions", beta=draw.one(1.0, 1.0, 0.5, 2.0))
    version = {"int8": 2, "int16": 3}.get(kind, 1)
    shape = draw.shape(1, 4, 12)
    return Case(op, [draw.tensor(kind, shape, draw.quantization(kind))], [result(kind, out)],
                settings, version, bound=SUMMED)


@covers("L2_NORMALIZATION", cases=12)
def l2_normalization(draw, op):
    kind = draw.one("float32", "int8", "uint8")
    out = {"int8": Quantization.of(1 / 128), "uint8": Quantization.of(1 / 128, 128)}.get(kind)
    return Case(op, [draw.tensor(kind, draw.shape(2, 4, 9), draw.quantization(kind))],
                [result(kind, out)], options("L2NormOptions"), 2 if kind == "int8" else 1,
                bound=SUMMED)


@covers("LOCAL_RESPONSE_NORMALIZATION", cases=6)
def local_response_normalization(draw, op):
    settings = options("LocalResponseNormalizationOptions", radius=draw.integer(1, 4),
                       bias=draw.real(0.5, 2), alpha=draw.real(0.01, 1), beta=draw.real(0.3, 1))
    shape = [draw.integer(1, 2), draw.size(), draw.size(), draw.size(9)]
    # The reference kernel of this operator does not compute its formula; the optimised one does.
    return Case(op, [draw.tensor("float32", shape)], [result("float32")], settings, bound=SUMMED,
                target="plain")


@covers("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", cases=30)
def resize(draw, op):
    kind = draw.one("float32", "int8", "uint8", "int16")
    shape = [draw.integer(1, 2), draw.integer(1, 9), draw.integer(1, 9), draw.size()]
    size = [draw.integer(1, 20), draw.integer(1, 20)]
    aligned, halves = draw.one((False, False), (True, False), (False, True))
    name = "ResizeBilinearOptions" if "BILINEAR" in op else "ResizeNearestNeighborOptions"
    how = draw.quantization(kind)
    return Case(op, [draw.tensor(kind, shape, how), draw.parameter("int32", size)],
                [result(kind, how)], options(name, alignCorners=aligned, halfPixelCenters=halves),
                {"int8": 3}.get(kind, 4), bound=SUMMED if "BILINEAR" in op else MOVED)
