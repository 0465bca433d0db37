# SPDX-License-Identifier: Apache-2.0
"""StableHLO operators with windows and indices, and those that call a subgraph to combine."""
import flatbuffers.flexbuffers as flexbuffers
import numpy as np

from case import MOVED, SUMMED, Case, constant, covers, feed, options, result
from cases_control import pair_graph
from tflite_build import schema

COMBINERS = {  # operator of the body: (value that changes nothing, options)
    "ADD": (0, "AddOptions"), "MUL": (1, "MulOptions"),
    "MAXIMUM": (-9, "MaximumMinimumOptions"), "MINIMUM": (9, "MaximumMinimumOptions")}


@covers("STABLEHLO_REDUCE_WINDOW", "REDUCE_WINDOW", cases=10)
def reduce_window(draw, op):
    kind = draw.one("float32", "int32", "int64")
    combiner = draw.one(*COMBINERS)
    neutral, settings_name = COMBINERS[combiner]
    window = [draw.integer(1, 3) for _ in range(draw.integer(1, 3))]
    dilation = [draw.integer(1, 2) for _ in window]
    shape = [(size - 1) * step + 1 + draw.integer(0, 4) for size, step in zip(window, dilation)]
    stride = [draw.integer(1, 2) for _ in window]
    tensor = draw.tensor(kind, shape, flavour="few")
    inputs = [tensor, constant(kind, np.asarray(neutral))]
    if op == "REDUCE_WINDOW":
        functions = vars(schema.ReduceWindowFunction)
        function = functions[combiner]
        inputs += [constant("int64", values) for values in (window, stride, dilation)]
        return Case(op, inputs, [result(kind)], options("ReduceWindowOptions",
                                                        reduceFunction=function), bound=SUMMED)

    def settings(model):
        body = pair_graph(model, f"body_{len(model.model.subgraphs)}", combiner, kind, [[], []],
                          options(settings_name))
        return options("StablehloReduceWindowOptions", windowDimensions=window,
                       windowStrides=stride, baseDilations=[1] * len(window),
                       windowDilations=dilation, padding=[0] * (2 * len(window)),
                       bodySubgraphIndex=body)

    return Case(op, inputs, [result(kind)], settings, bound=SUMMED)


@covers("STABLEHLO_GATHER", cases=8)
def stablehlo_gather(draw, op):
    """Windows of an operand, at starting points given along the last axis of the indices."""
    kind = draw.one("float32", "int32", "int8", "int64")
    shape = draw.shape(1, 3, 5, 200)
    rank, count = len(shape), draw.integer(1, 4)
    sizes = [draw.integer(1, size) for size in shape]
    collapsed = [axis for axis in range(rank) if draw.chance(0.4)]
    for axis in collapsed:
        sizes[axis] = 1
    starts = np.stack([draw.random.integers(0, size - part + 1, count)
                       for size, part in zip(shape, sizes)], -1)
    kept = [size for axis, size in enumerate(sizes) if axis not in collapsed]
    settings = options("StablehloGatherOptions", offsetDims=list(range(1, 1 + len(kept))),
                       collapsedSliceDims=collapsed, startIndexMap=list(range(rank)),
                       indexVectorDim=1, sliceSizes=sizes, indicesAreSorted=False)
    index = draw.one("int32", "int64")
    return Case(op, [draw.tensor(kind, shape), draw.parameter(index, starts, 0.3)],
                [result(kind, shape=[count, *kept])], settings, bound=MOVED)


@covers("STABLEHLO_SCATTER", cases=8)
def stablehlo_scatter(draw, op):
    """Rows added to, or multiplied into, an operand."""
    kind = draw.one("float32", "int32")
    rows, columns, count = draw.integer(1, 5), draw.integer(1, 6), draw.integer(1, 4)
    where = draw.random.integers(0, rows, (count, 1))
    combiner = draw.one("ADD", "MUL", "MAXIMUM", "MINIMUM")

    def settings(model):
        body = pair_graph(model, f"body_{len(model.model.subgraphs)}", f"STABLEHLO_{combiner}"
                          if combiner != "MUL" else "STABLEHLO_MULTIPLY", kind, [[], []], None)
        return options("StablehloScatterOptions", updateWindowDims=[1], insertedWindowDims=[0],
                       scatterDimsToOperandDims=[0], indexVectorDim=1, uniqueIndices=False,
                       indicesAreSorted=False, updateComputationSubgraphIndex=body)

    return Case(op, [draw.tensor(kind, [rows, columns], flavour="few"),
                     draw.parameter("int32", where, 0.3),
                     draw.tensor(kind, [count, columns], flavour="few")], [result(kind)], settings,
                bound=SUMMED)


@covers("STABLEHLO_SHIFT_LEFT", cases=6)
def shift_left(draw, op):
    kind, shape = draw.one("int8", "int16", "int32"), draw.shape(1, 4)
    amount = draw.tensor(kind, shape)
    amount.values = draw.random.integers(0, 7, shape).astype(amount.values.dtype)
    return Case(op, [draw.tensor(kind, shape, flavour="few"), amount], [result(kind)],
                options("StablehloShiftLeftOptions"))


@covers("STABLEHLO_COMPOSITE", cases=6)
def composite(draw, op):
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 3)

    def settings(model):
        body = pair_graph(model, f"whole_{len(model.model.subgraphs)}", "ADD", kind,
                          [shape, shape], options("AddOptions"))
        return options("StableHLOCompositeOptions", name="test.sum", compositeAttributes=[],
                       decompositionSubgraphIndex=body, version=1)

    return Case(op, [draw.tensor(kind, shape), draw.tensor(kind, shape)], [result(kind)], settings)


@covers("STABLEHLO_CASE", cases=6)
def case_of(draw, op):
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 3)

    def settings(model):
        branches = [pair_graph(model, f"branch_{len(model.model.subgraphs)}_{name}", name, kind,
                               [shape, shape], options(fields))
                    for name, (_, fields) in COMBINERS.items()]
        return options("StablehloCaseOptions", branchSubgraphIndices=branches)

    chosen = draw.parameter("int32", draw.integer(-1, len(COMBINERS)), 0.0)
    return Case(op, [chosen, draw.tensor(kind, shape), draw.tensor(kind, shape)], [result(kind)],
                settings)


@covers("TFLite_Detection_PostProcess", cases=6)
def detection(draw, op):
    """Boxes from anchors, then suppression of overlaps; the options are a FlexBuffer map. Enough
    boxes remain for all results: the reference leaves unused ones unwritten."""
    count, classes = draw.integer(4, 20), draw.integer(1, 4)
    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Key("max_detections")
        builder.Int(draw.integer(1, count // 4))
        builder.Key("max_classes_per_detection")
        builder.Int(1)
        builder.Key("num_classes")
        builder.Int(classes)
        builder.Key("use_regular_nms")
        builder.Bool(draw.chance(0.5))
        builder.Key("detections_per_class")
        builder.Int(count)
        for name, value in (("nms_score_threshold", -1.0), ("nms_iou_threshold", 0.7),
                            ("y_scale", 10.0), ("x_scale", 10.0), ("h_scale", 5.0),
                            ("w_scale", 5.0)):
            builder.Key(name)
            builder.Float(value)
    scores = draw.random.permutation(count * (classes + 1)).reshape(1, count, classes + 1)
    anchors = np.concatenate([draw.random.random((count, 2)),
                              draw.random.uniform(0.1, 0.5, (count, 2))], 1)
    return Case(op, [draw.tensor("float32", [1, count, 4]), feed("float32", scores / scores.size),
                     constant("float32", anchors)], [result("float32") for _ in range(4)],
                custom_options=bytes(builder.Finish()), bound=SUMMED)
