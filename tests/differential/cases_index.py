# SPDX-License-Identifier: Apache-2.0
"""Operators that reduce, search, select, count or address by index."""
import numpy as np

from case import MOVED, SUMMED, Case, constant, covers, feed, options, result
from draw import QUANTIZED
from tflite_build import TYPES

KINDS = ("float32", "int32", "int8", "uint8", "int64", "int16")


def axes_argument(draw, rank):
    count = draw.integer(1, rank)
    axes = [int(axis) - (rank if draw.chance(0.3) else 0)
            for axis in draw.random.permutation(rank)[:count]]
    scalar = count == 1 and draw.chance(0.3)
    return draw.parameter("int32", axes[0] if scalar else axes, 0.85)


@covers("MEAN", "SUM", cases=40)
def averages(draw, op):
    kind = draw.one("float32", "int32", "int64", "int8", "int8", "uint8", "int16")
    shape = draw.shape(1, 4, 8)
    how, out = draw.quantization(kind), draw.quantization(kind)
    if how and op == "SUM":
        out = draw.quantization(kind, how.scale[0] * 10 * (128 if kind == "int16" else 1))
    flavour = "any" if kind in ("float32", *QUANTIZED) else "few"
    # The reference kernels add quantised values wrongly; the optimised ones give the real sum.
    target = "plain" if op == "SUM" and how else "ref"
    settings = options("ReducerOptions", keepDims=draw.chance(0.5))
    return Case(op, [draw.tensor(kind, shape, how, flavour), axes_argument(draw, len(shape))],
                [result(kind, out)], settings, 2, bound=SUMMED, target=target)


@covers("REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "REDUCE_ANY", "REDUCE_ALL", cases=20)
def reductions(draw, op):
    kinds = {"REDUCE_PROD": ("float32", "int32", "int64"), "REDUCE_ANY": ("bool",),
             "REDUCE_ALL": ("bool",)}.get(op, KINDS)
    kind = draw.one(*kinds)
    shape, how = draw.shape(1, 4, 7, 2000), draw.quantization(kind)
    tensor = draw.tensor(kind, shape, how, "few" if op == "REDUCE_PROD" else "any")
    if op == "REDUCE_PROD" and kind == "float32":
        tensor.values = (tensor.values / 3).astype(np.float32)
    settings = options("ReducerOptions", keepDims=draw.chance(0.5))
    return Case(op, [tensor, axes_argument(draw, len(shape))], [result(kind, how)], settings,
                1 if kind == "bool" else 2, bound=SUMMED)


@covers("ARG_MAX", "ARG_MIN", cases=20)
def arguments(draw, op):
    kind, out = draw.one("float32", "int8", "uint8", "int32"), draw.one("int32", "int64")
    shape = draw.shape()
    name = "ArgMaxOptions" if op == "ARG_MAX" else "ArgMinOptions"
    axis = constant(draw.one("int32", "int64"), draw.axis(len(shape)))
    flavour = "few" if kind == "int32" else "any"
    return Case(op, [draw.tensor(kind, shape, draw.quantization(kind), flavour), axis],
                [result(out)], options(name, outputType=TYPES[out]), 2)


@covers("CUMSUM", cases=12)
def cumulative_sum(draw, op):
    kind, shape = draw.one("float32", "int32", "int64"), draw.shape()
    settings = options("CumsumOptions", exclusive=draw.chance(0.5), reverse=draw.chance(0.5))
    return Case(op, [draw.tensor(kind, shape), constant("int32", draw.axis(len(shape)))],
                [result(kind)], settings, bound=SUMMED)


@covers("TOPK_V2", cases=14)
def top(draw, op):
    kind = draw.one("float32", "int32", "int8", "uint8", "int64")
    shape = draw.shape(1, 3, 9)
    count = draw.parameter("int32", draw.integer(1, shape[-1]))
    how = draw.quantization(kind)
    flavour = "few" if kind.startswith("int") else "any"
    return Case(op, [draw.tensor(kind, shape, how, flavour), count],
                [result(kind, how), result("int32")], options("TopKV2Options"), 2, bound=MOVED)


@covers("GATHER", cases=20)
def gather(draw, op):
    kind = draw.one(*KINDS, "bool")
    shape, how = draw.shape(1, 4), draw.quantization(kind)
    axis = draw.integer(0, len(shape) - 1)
    batch = draw.integer(0, axis) if draw.chance(0.3) else 0
    where = [*shape[:batch], *draw.shape(1, 2, 4, 12)]
    index = draw.parameter(draw.one("int32", "int64"),
                           draw.random.integers(0, shape[axis], where), 0.5)
    settings = options("GatherOptions", axis=axis - (0 if batch else draw.one(0, len(shape))),
                       batchDims=batch)
    return Case(op, [draw.tensor(kind, shape, how), index], [result(kind, how)], settings, 5,
                bound=MOVED)


def indices_into(draw, shape, count, leading):
    columns = [draw.random.integers(0, size, leading) for size in shape[:count]]
    return np.stack(columns, -1)


@covers("GATHER_ND", "SCATTER_ND", cases=12)
def by_coordinates(draw, op):
    kind = draw.one("float32", "int32", "int8", "uint8", "int64")
    shape, how = draw.shape(1, 4), draw.quantization(kind)
    count = draw.integer(1, len(shape))
    index = draw.one("int32", "int64") if op == "GATHER_ND" else "int32"
    where = indices_into(draw, shape, count, draw.shape(1, 2, 4, 12))
    coordinates = draw.parameter(index, where, 0.4)
    if op == "GATHER_ND":
        return Case(op, [draw.tensor(kind, shape, how), coordinates], [result(kind, how)],
                    options("GatherNdOptions"), 3, bound=MOVED)
    updates = draw.tensor(kind, [*where.shape[:-1], *shape[count:]], flavour="few")
    return Case(op, [coordinates, updates, draw.parameter("int32", shape)], [result(kind)],
                options("ScatterNdOptions"), bound=SUMMED)


@covers("SELECT", "SELECT_V2", cases=12)
def selection(draw, op):
    kind = draw.one(*KINDS, "bool")
    how = draw.quantization(kind)
    if op == "SELECT":
        shape = draw.shape(1, 4)
        condition = shape if draw.chance(0.7) else shape[:1]
        shapes, settings = [shape, shape], options("SelectOptions")
    else:
        first, second = draw.broadcast(4)
        condition, shapes = draw.one((first, [second, first]), (second, [first, second]))
        settings = options("SelectV2Options")
    return Case(op, [draw.tensor("bool", condition),
                     *(draw.tensor(kind, shape, how) for shape in shapes)],
                [result(kind, how)], settings, bound=MOVED)


@covers("WHERE", "UNIQUE", cases=8)
def found(draw, op):
    if op == "WHERE":
        tensor = draw.tensor(draw.one("bool", "float32", "int32", "int64"), draw.shape(1, 4),
                             flavour="few")
        tensor.values.flat[0] = 1  # an empty result cannot be read from the peer
        return Case(op, [tensor], [result("int64")], options("WhereOptions"))
    kind, index = draw.one("float32", "int32", "int64", "uint8", "int8"), draw.one("int32", "int64")
    settings = options("UniqueOptions", idxOutType=TYPES[index])
    return Case(op, [draw.tensor(kind, [draw.integer(1, 20)], flavour="few")],
                [result(kind), result(index)], settings, bound=MOVED)


@covers("ONE_HOT", cases=10)
def one_hot(draw, op):
    kind = draw.one("float32", "int32", "int64", "int8", "uint8", "bool")
    shape, depth = draw.shape(1, 3), draw.integer(1, 6)
    where = draw.random.integers(-1, depth + 1, shape)  # outside the range: a row of `off`
    on, off = draw.values(kind, [2])
    settings = options("OneHotOptions", axis=draw.integer(-1, len(shape)))
    return Case(op, [feed(draw.one("int32", "int64"), where), constant("int32", depth),
                     constant(kind, on), constant(kind, off)], [result(kind)], settings,
                bound=MOVED)


@covers("FILL", "RANGE", "SHAPE", "RANK", "BROADCAST_ARGS", cases=8)
def made_of_shapes(draw, op):
    if op == "FILL":
        kind = draw.one("float32", "int32", "int64", "int8", "bool", "int16")
        return Case(op, [draw.parameter(draw.one("int32", "int64"), draw.shape(1, 4)),
                         feed(kind, draw.values(kind, []))], [result(kind)],
                    options("FillOptions"), 3, bound=MOVED)
    if op == "RANGE":
        kind = draw.one("float32", "int32")
        start, step = draw.integer(-5, 5), draw.one(1, 2, 3, -1, -2)
        if kind == "float32":
            start, step = start / 2, step / 4
        limit = start + step * draw.integer(1, 9)
        return Case(op, [draw.parameter(kind, number) for number in (start, limit, step)],
                    [result(kind)], options("RangeOptions"))
    if op == "BROADCAST_ARGS":
        kind, (first, second) = draw.one("int32", "int64"), draw.broadcast()
        if not first or not second:
            first, second = [3, 1], [1, 4]
        return Case(op, [feed(kind, first), feed(kind, second)], [result(kind)])
    tensor = draw.tensor(draw.one("float32", "int8", "bool"), draw.shape(1, 5))
    if op == "RANK":
        return Case(op, [tensor], [result("int32")], options("RankOptions"))
    kind = draw.one("int32", "int64")
    return Case(op, [tensor], [result(kind)], options("ShapeOptions", outType=TYPES[kind]))


@covers("SEGMENT_SUM", "UNSORTED_SEGMENT_SUM", "UNSORTED_SEGMENT_PROD", "UNSORTED_SEGMENT_MAX",
        "UNSORTED_SEGMENT_MIN", cases=8)
def segments(draw, op):
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 3)
    tensor = draw.tensor(kind, shape, flavour="few")
    words = "".join(word.capitalize() for word in op.split("_"))
    if op == "SEGMENT_SUM":
        steps = draw.random.integers(0, 2, shape[0])
        steps[0] = 0
        return Case(op, [tensor, feed("int32", np.cumsum(steps))], [result(kind)],
                    options(words + "Options"), bound=SUMMED)
    count = draw.integer(1, 5)
    where = draw.random.integers(-1, count, shape[0])  # negative: left out
    return Case(op, [tensor, feed("int32", where), draw.parameter("int32", count)],
                [result(kind)], options(words + "Options"), bound=SUMMED)


@covers("BUCKETIZE", cases=6)
def bucketize(draw, op):
    kind = draw.one("float32", "int32", "int64", "float64")
    bounds = sorted(draw.random.normal(0, 3, draw.integer(1, 6)).astype(np.float32).tolist())
    return Case(op, [draw.tensor(kind, draw.shape(1, 3), flavour="few")], [result("int32")],
                options("BucketizeOptions", boundaries=bounds))


@covers("EMBEDDING_LOOKUP", cases=8)
def embedding(draw, op):
    rows, columns = draw.integer(1, 9), draw.size(9)
    where = draw.random.integers(0, rows, draw.integer(1, 6))
    kind = draw.one("float32", "int8")
    how = draw.quantization(kind)
    table = constant(kind, draw.values(kind, [rows, columns]), how)
    out = result("int8", how) if kind == "int8" and draw.chance(0.5) else result("float32")
    if kind == "int8" and out.kind == "float32":
        table.quantization = type(how).of(how.scale[0])
    return Case(op, [feed("int32", where), table], [out], version=2 if kind == "int8" else 1)


@covers("SPARSE_TO_DENSE", cases=8)
def sparse_to_dense(draw, op):
    kind, shape = draw.one("float32", "int32", "int64"), draw.shape(1, 3)
    places = np.sort(draw.random.permutation(int(np.prod(shape)))[:draw.integer(1, 4)])
    where = np.stack(np.unravel_index(places, shape), -1)
    if len(shape) == 1:
        where = where[:, 0]
    settings = options("SparseToDenseOptions", validateIndices=False)
    return Case(op, [draw.parameter("int32", where), draw.parameter("int32", shape),
                     feed(kind, draw.values(kind, [len(places)])),
                     constant(kind, draw.values(kind, []))], [result(kind)], settings, 2,
                bound=MOVED)


@covers("NON_MAX_SUPPRESSION_V4", "NON_MAX_SUPPRESSION_V5", cases=10)
def non_max_suppression(draw, op):
    count = draw.integer(2, 20)
    corners = draw.random.random((count, 2))
    boxes = np.concatenate([corners, corners + draw.random.uniform(0.1, 0.5, (count, 2))], 1)
    inputs = [feed("float32", boxes), feed("float32", draw.random.permutation(count) / count),
              draw.parameter("int32", draw.integer(1, count)),
              constant("float32", draw.real(0.2, 0.8)), constant("float32", draw.real(0, 0.5))]
    outputs = [result("int32"), result("int32")]
    if op.endswith("5"):
        inputs.append(constant("float32", draw.one(0.0, 0.5)))
        outputs.insert(1, result("float32"))
    name = f"NonMaxSuppressionV{op[-1]}Options"
    return Case(op, inputs, outputs, options(name))


@covers("RFFT2D", cases=6)
def real_fourier(draw, op):
    length = [2 ** draw.integer(0, 4), 2 ** draw.integer(1, 4)]
    shape = [draw.integer(1, 2), length[0] + draw.integer(0, 2), length[1] + draw.integer(0, 2)]
    return Case(op, [draw.tensor("float32", shape), constant("int32", length)],
                [result("complex64")], options("Rfft2dOptions"), bound=SUMMED)
