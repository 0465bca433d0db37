# SPDX-License-Identifier: Apache-2.0
"""Operators that copy, cut, join and reorder: every result holds the bits of an input."""
import numpy as np

from case import MOVED, Case, constant, covers, options, result

KINDS = ("float32", "int32", "int8", "uint8", "int64", "int16")


def moved(op, inputs, outputs, settings=None, version=1):
    return Case(op, inputs, outputs, settings, version, bound=MOVED)


@covers("RESHAPE", cases=16)
def reshape(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(), draw.quantization(kind)
    left, target = int(np.prod(shape)), []
    for _ in range(draw.integer(0, 3)):
        divisors = [n for n in range(1, left + 1) if left % n == 0]
        target.append(draw.one(*divisors))
        left //= target[-1]
    target.append(left)
    if draw.chance(0.4):
        target[draw.integer(0, len(target) - 1)] = -1
    inputs = [draw.tensor(kind, shape, how)]
    if draw.chance(0.7):
        inputs.append(draw.parameter("int32", target))
    return moved(op, inputs, [result(kind, how)], options("ReshapeOptions", newShape=target))


@covers("TRANSPOSE", cases=24)
def transpose(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(1, 6, 5), draw.quantization(kind)
    order = draw.random.permutation(len(shape))
    return moved(op, [draw.tensor(kind, shape, how), draw.parameter("int32", order, 0.9)],
                 [result(kind, how)], options("TransposeOptions"), 4)


@covers("SQUEEZE", "EXPAND_DIMS", cases=10)
def ones(draw, op):
    kind = draw.one(*KINDS)
    how = draw.quantization(kind)
    if op == "EXPAND_DIMS":
        shape = draw.shape(1, 4)
        axis = constant(draw.one("int32", "int64"), draw.axis(len(shape) + 1))
        return moved(op, [draw.tensor(kind, shape, how), axis], [result(kind, how)],
                     options("ExpandDimsOptions"))
    shape = [1 if draw.chance(0.5) else draw.integer(1, 4) for _ in range(draw.integer(1, 5))]
    axes = [n - len(shape) if draw.chance(0.3) else n for n, size in enumerate(shape)
            if size == 1 and draw.chance(0.6)]
    return moved(op, [draw.tensor(kind, shape, how)], [result(kind, how)],
                 options("SqueezeOptions", squeezeDims=axes))


@covers("CONCATENATION", cases=24)
def concatenation(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(1, 4), draw.quantization(kind)
    axis = draw.axis(len(shape))
    inputs = []
    for number in range(draw.integer(1, 5)):
        part = list(shape)
        part[axis] = draw.integer(1, 5)
        scaled = draw.quantization(kind) if kind == "uint8" else how
        inputs.append(draw.tensor(kind, part, scaled, constant_chance=0.2 if number else 0))
    out = draw.quantization(kind) if kind == "uint8" else how
    settings = options("ConcatenationOptions", axis=axis, fusedActivationFunction=0)
    return moved(op, inputs, [result(kind, out)], settings, {"int8": 2, "int16": 3}.get(kind, 1))


@covers("PACK", "UNPACK", cases=12)
def packing(draw, op):
    if op == "PACK":
        kind = draw.one(*KINDS)
        shape, how, count = draw.shape(1, 4), draw.quantization(kind), draw.integer(1, 4)
        settings = options("PackOptions", valuesCount=count, axis=draw.axis(len(shape) + 1))
        return moved(op, [draw.tensor(kind, shape, how) for _ in range(count)],
                     [result(kind, how)], settings, 3)
    kind = draw.one("float32", "int32", "int8", "uint8", "int16", "bool")
    shape, how = draw.shape(1, 5, 4, 500), draw.quantization(kind)
    axis = draw.axis(len(shape))
    settings = options("UnpackOptions", num=shape[axis], axis=axis)
    return moved(op, [draw.tensor(kind, shape, how)],
                 [result(kind, how) for _ in range(shape[axis])], settings, 4)


@covers("SPLIT", "SPLIT_V", cases=14)
def splitting(draw, op):
    kind = draw.one("float32", "int32", "int8", "uint8", "int16")
    shape, how, count = draw.shape(1, 4), draw.quantization(kind), draw.integer(1, 4)
    axis = draw.axis(len(shape))
    if op == "SPLIT":
        shape[axis] = count * draw.integer(1, 4)
        inputs = [constant("int32", axis), draw.tensor(kind, shape, how)]
        settings, version = options("SplitOptions", numSplits=count), 4
    else:
        sizes = [draw.integer(1, 4) for _ in range(count)]
        shape[axis] = sum(sizes)
        if draw.chance(0.4):
            sizes[draw.integer(0, count - 1)] = -1
        inputs = [draw.tensor(kind, shape, how), constant("int32", sizes),
                  constant("int32", axis)]
        settings, version = options("SplitVOptions", numSplits=count), 2
    return moved(op, inputs, [result(kind, how) for _ in range(count)], settings, version)


@covers("SLICE", cases=16)
def plain_slice(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(), draw.quantization(kind)
    begin = [draw.integer(0, size - 1) for size in shape]
    extent = [draw.integer(1, size - start) for size, start in zip(shape, begin)]
    stated = [-1 if start + length == size and draw.chance(0.5) else length
              for start, length, size in zip(begin, extent, shape)]
    index = draw.one("int32", "int32", "int64")
    return moved(op, [draw.tensor(kind, shape, how), draw.parameter(index, begin),
                      draw.parameter(index, stated)], [result(kind, how, extent)],
                 options("SliceOptions"), 5)


@covers("STRIDED_SLICE", cases=40)
def strided_slice(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(1, 4), draw.quantization(kind)
    begin, end, stride = [], [], []
    for size in shape:
        step = draw.one(1, 1, 1, 2, 3, -1, -2)
        first, last = sorted((draw.integer(0, size - 1), draw.integer(0, size - 1)))
        if step > 0:
            begin.append(first)
            end.append(last + 1)
        else:
            begin.append(last)
            end.append(first - 1 if first else -size - 1)
        stride.append(step)
        if draw.chance(0.3):
            begin[-1] -= size
    masks = dict.fromkeys(("beginMask", "endMask", "shrinkAxisMask"), 0)
    for axis in range(len(shape)):
        bit = 1 << axis
        masks["beginMask"] |= bit if draw.chance(0.2) else 0
        masks["endMask"] |= bit if draw.chance(0.2) else 0
        if draw.chance(0.15):
            masks["shrinkAxisMask"] |= bit
            masks["beginMask"] &= ~bit
            masks["endMask"] &= ~bit
            stride[axis], end[axis] = 1, begin[axis] + 1
    special = draw.integer(0, len(shape) - 1)
    added = draw.chance(0.15)
    if added:  # an entry of its own that stands for no dimension of the input
        begin.insert(special, 0)
        end.insert(special, 1)
        stride.insert(special, 1)
        low = (1 << special) - 1
        masks = {name: mask & low | (mask & ~low) << 1 for name, mask in masks.items()}
    ellipsis = 1 << special if not added and draw.chance(0.15) else 0
    masks["shrinkAxisMask"] &= ~ellipsis
    settings = options("StridedSliceOptions", ellipsisMask=ellipsis, offset=False,
                       newAxisMask=1 << special if added else 0, **masks)
    return moved(op, [draw.tensor(kind, shape, how), draw.parameter("int32", begin),
                      draw.parameter("int32", end), draw.parameter("int32", stride, 0.95)],
                 [result(kind, how)], settings, 4)


@covers("PAD", "PADV2", "MIRROR_PAD", cases=20)
def padding(draw, op):
    kind = draw.one(*KINDS[:-1])
    shape, how = draw.shape(1, 4), draw.quantization(kind)
    index = draw.one("int32", "int32", "int64")
    if op == "MIRROR_PAD":
        mode = draw.integer(0, 1)  # 0 REFLECT: the edge is not repeated; 1 SYMMETRIC: it is
        widths = [[draw.integer(0, min(4, size - 1 + mode)) for _ in range(2)] for size in shape]
        return moved(op, [draw.tensor(kind, shape, how), draw.parameter(index, widths)],
                     [result(kind, how)], options("MirrorPadOptions", mode=mode), 2)
    widths = [[draw.integer(0, 3), draw.integer(0, 3)] for _ in shape]
    inputs = [draw.tensor(kind, shape, how), draw.parameter(index, widths)]
    if op == "PADV2":
        inputs.append(constant(kind, draw.values(kind, [1]), how))
    settings = options("PadOptions" if op == "PAD" else "PadV2Options")
    return moved(op, inputs, [result(kind, how)], settings, 2 if kind == "int8" else 1)


@covers("TILE", "BROADCAST_TO", cases=10)
def repetition(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(1, 4, 4, 300), draw.quantization(kind)
    index = draw.one("int32", "int64")
    if op == "TILE":
        counts = [draw.integer(1, 3) for _ in shape]
        return moved(op, [draw.tensor(kind, shape, how), draw.parameter(index, counts)],
                     [result(kind, how)], options("TileOptions"), 2)
    target = [draw.integer(1, 4) for _ in range(draw.integer(0, 2))]
    target += [draw.integer(2, 4) if size == 1 else size for size in shape]
    return moved(op, [draw.tensor(kind, shape, how), draw.parameter(index, target)],
                 [result(kind, how)], options("BroadcastToOptions"), 2)


@covers("SPACE_TO_DEPTH", "DEPTH_TO_SPACE", cases=10)
def blocks(draw, op):
    kind = draw.one("float32", "int32", "int8", "uint8", "int64")
    how, block = draw.quantization(kind), draw.integer(2, 3)
    height, width, depth = draw.integer(1, 4), draw.integer(1, 4), draw.size(4, 20)
    if op == "SPACE_TO_DEPTH":
        shape = [draw.integer(1, 2), height * block, width * block, depth]
        settings = options("SpaceToDepthOptions", blockSize=block)
    else:
        shape = [draw.integer(1, 2), height, width, depth * block * block]
        settings = options("DepthToSpaceOptions", blockSize=block)
    return moved(op, [draw.tensor(kind, shape, how)], [result(kind, how)], settings,
                 2 if kind == "int8" else 1)


@covers("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", cases=14)
def batches(draw, op):
    kind = draw.one("float32", "int32", "int8", "uint8", "int64", "int16")
    how = draw.quantization(kind)
    dims = draw.integer(1, 2)
    block = [draw.integer(1, 3) for _ in range(dims)]
    depth = draw.size(5, 20)
    if op == "SPACE_TO_BATCH_ND":
        sizes, widths = [], []
        for step in block:
            before, after = draw.integer(0, 2), draw.integer(0, 2)
            whole = step * draw.integer(1, 4)
            while whole - before - after < 1:
                whole += step
            sizes.append(whole - before - after)
            widths.append([before, after])
        shape, name = [draw.integer(1, 2), *sizes, depth], "SpaceToBatchNDOptions"
    else:
        sizes = [draw.integer(1, 4) for _ in block]
        widths = [[draw.integer(0, (step * size - 1) // 2) for _ in range(2)]
                  for step, size in zip(block, sizes)]
        shape = [int(np.prod(block)) * draw.integer(1, 2), *sizes, depth]
        name = "BatchToSpaceNDOptions"
    version = {"int8": 2}.get(kind, 3 if dims == 1 else 1)
    return moved(op, [draw.tensor(kind, shape, how), draw.parameter("int32", block),
                      draw.parameter("int32", widths)], [result(kind, how)], options(name),
                 version)


@covers("REVERSE_V2", "REVERSE_SEQUENCE", cases=12)
def reversal(draw, op):
    if op == "REVERSE_V2":
        kind = draw.one(*KINDS, "bool")
        shape, how = draw.shape(1, 4), draw.quantization(kind)
        first = draw.integer(0, len(shape) - 1)
        axes = list(range(first, draw.integer(first, len(shape) - 1) + 1))
        return moved(op, [draw.tensor(kind, shape, how), constant("int32", axes)],
                     [result(kind, how)], options("ReverseV2Options"), 3)
    kind = draw.one("float32", "uint8", "int16", "int32", "int64")
    shape, how = draw.shape(2, 4), draw.quantization(kind)
    batch, along = draw.random.permutation(len(shape))[:2]
    lengths = draw.random.integers(1, shape[along] + 1, shape[batch])
    settings = options("ReverseSequenceOptions", seqDim=int(along), batchDim=int(batch))
    return moved(op, [draw.tensor(kind, shape, how),
                      draw.parameter(draw.one("int32", "int64"), lengths)], [result(kind, how)],
                 settings)


@covers("MATRIX_DIAG", "MATRIX_SET_DIAG", cases=8)
def diagonals(draw, op):
    kind = draw.one("float32", "int32", "int8", "uint8", "int64", "int16")
    how = draw.quantization(kind)
    if op == "MATRIX_DIAG":
        return moved(op, [draw.tensor(kind, draw.shape(1, 3), how)], [result(kind, how)],
                     options("MatrixDiagOptions"))
    shape = draw.shape(2, 4)
    diagonal = [*shape[:-2], min(shape[-2:])]
    return moved(op, [draw.tensor(kind, shape, how), draw.tensor(kind, diagonal, how)],
                 [result(kind, how)], options("MatrixSetDiagOptions"))


@covers("DILATE", cases=8)
def dilate(draw, op):
    kind = draw.one("float32", "int32", "int8", "int64")
    shape = draw.shape(1, 4, 5, 300)
    steps = [draw.integer(1, 3) for _ in shape]
    return moved(op, [draw.tensor(kind, shape), draw.parameter("int32", steps, 1.0),
                      constant(kind, draw.values(kind, []))], [result(kind)],
                 options("DilateOptions"))


@covers("STABLEHLO_PAD", cases=8)
def stablehlo_pad(draw, op):
    kind = draw.one("float32", "int32", "int8", "int64")
    shape = draw.shape(1, 4, 5, 300)
    settings = options("StablehloPadOptions",
                       edgePaddingLow=[draw.integer(0, 2) for _ in shape],
                       edgePaddingHigh=[draw.integer(0, 2) for _ in shape],
                       interiorPadding=[draw.integer(0, 2) for _ in shape])
    return moved(op, [draw.tensor(kind, shape), constant(kind, draw.values(kind, []))],
                 [result(kind)], settings)


@covers("DYNAMIC_UPDATE_SLICE", cases=10)
def dynamic_update_slice(draw, op):
    kind = draw.one("float32", "int32", "int8", "int64", "bool")
    shape = draw.shape(1, 4)
    part = [draw.integer(1, size) for size in shape]
    start = [draw.integer(-1, size) for size in shape]  # clamped into range
    return moved(op, [draw.tensor(kind, shape), draw.tensor(kind, part),
                      draw.parameter("int32", start, 0.3)], [result(kind)],
                 options("DynamicUpdateSliceOptions"), 1)
