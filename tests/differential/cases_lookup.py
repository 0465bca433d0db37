# SPDX-License-Identifier: Apache-2.0
"""Lookups, hashes and sparse constants."""
import numpy as np

from case import MOVED, SUMMED, Case, constant, covers, feed, options, result


@covers("EMBEDDING_LOOKUP_SPARSE", cases=8)
def sparse_embedding(draw, op):
    rows, columns, count, batch = (draw.integer(2, 6), draw.integer(1, 5), draw.integer(1, 6),
                                   draw.integer(1, 3))
    ids = draw.random.integers(0, rows, count)
    where = np.sort(draw.random.integers(0, batch, count))
    indices = np.stack([where, np.arange(count)], -1)
    settings = options("EmbeddingLookupSparseOptions", combiner=draw.integer(0, 2))
    return Case(op, [feed("int32", ids), constant("int32", indices),
                     constant("int32", [batch, count]),
                     feed("float32", draw.random.uniform(0.1, 1, count)),
                     constant("float32", draw.random.normal(size=(rows, columns)))],
                [result("float32")], settings, bound=SUMMED)


@covers("HASHTABLE_LOOKUP", cases=8)
def hashtable_lookup(draw, op):
    count, columns = draw.integer(1, 6), draw.integer(1, 4)
    keys = np.sort(draw.random.permutation(20)[:count])
    wanted = draw.random.integers(0, 20, draw.integer(1, 6))
    wanted[0] = keys[0]
    kind = draw.one("float32", "int32", "int64")
    return Case(op, [feed("int32", wanted), constant("int32", keys),
                     constant(kind, draw.values(kind, [count, columns]))],
                [result(kind), result("uint8")], bound=MOVED)


@covers("LSH_PROJECTION", cases=8)
def lsh_projection(draw, op):
    functions, width, count = draw.integer(1, 4), draw.integer(1, 5), draw.integer(1, 6)
    kind = draw.one("float32", "int32", "int8")
    inputs = [constant("float32", draw.random.normal(size=(functions, width))),
              draw.tensor(kind, [count, draw.integer(1, 3)])]
    if draw.chance(0.5):
        inputs.append(feed("float32", draw.random.uniform(0.1, 1, count)))
    settings = options("LSHProjectionOptions", type=draw.integer(1, 2))
    return Case(op, inputs, [result("int32")], settings)


@covers("REDUCE_PROD_QUANTIZED", cases=8)
def quantized_product(draw, family):
    kind = draw.one("int8", "int16")
    shape, how = draw.shape(1, 3, 4, 60), draw.quantization(kind)
    return Case("REDUCE_PROD", [draw.tensor(kind, shape, how),
                                constant("int32", [draw.axis(len(shape))])],
                [result(kind, draw.quantization(kind))],
                options("ReducerOptions", keepDims=draw.chance(0.5)), 2)
