# SPDX-License-Identifier: Apache-2.0
"""Writes nn_goldens.bin: models of one pooling, softmax, normalisation, reduction, resizing, spectral or
detection operator with LiteRT's answers.

    python3 goldens_nn.py nn_goldens.bin

needs numpy, flatbuffers and ai-edge-litert. Answers are those of the reference kernels (resolver
BUILTIN_REF), but of the optimised ones without delegates where the reference is wrong: sums of quantised
values, local response, softmax of 8 bits over 512 classes and more; and where it lacks a version: softmax
of float16. The layout of the file is told in golden_file.h.
"""
import struct
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import interpreter, schema_py_generated as schema
from flatbuffers import flexbuffers

TYPES = {"float32": 0, "float16": 1, "int32": 2, "uint8": 3, "int64": 4, "bool": 6, "int16": 7,
         "complex64": 8, "int8": 9}
random = np.random.default_rng(31)
QUANTISED = ("int8", "uint8", "int16")


class Model:
    def __init__(self):
        self.graph, self.buffers, self.fed = schema.SubGraphT(), [schema.BufferT()], []
        self.graph.tensors, self.graph.inputs, self.graph.outputs = [], [], []

    def tensor(self, kind, shape=(), scale=None, zero=0):
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.hasRank = [int(n) for n in shape], TYPES[kind], True
        if scale is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [float(np.float32(scale))]
            tensor.quantization.zeroPoint = [int(zero)]
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def feed(self, values, scale=None, zero=0):
        values = np.asarray(values)
        number = self.tensor(values.dtype.name, values.shape, scale, zero)
        self.graph.inputs.append(number)
        self.fed.append(values)
        return number

    def constant(self, values):
        values = np.asarray(values)
        number = self.tensor(values.dtype.name, values.shape)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self.buffers.append(buffer)
        self.graph.tensors[number].buffer = len(self.buffers) - 1
        return number

    def output(self, kind, scale=None, zero=0):
        number = self.tensor(kind, (), scale, zero)
        self.graph.outputs.append(number)
        return number

    def finish(self, op, version, inputs, options=None, custom=None):
        node, code, model = schema.OperatorT(), schema.OperatorCodeT(), schema.ModelT()
        code.builtinCode = getattr(schema.BuiltinOperator, "CUSTOM" if custom else op)
        code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), version
        if custom:
            code.customCode, node.customOptions = op, np.frombuffer(custom, np.uint8)
        node.inputs, node.outputs = inputs, self.graph.outputs
        if options is not None:
            node.builtinOptions = options
            node.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.graph.operators, model.version = [node], 3
        model.operatorCodes, model.subgraphs = [code], [self.graph]
        model.buffers = self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def options_of(name, **fields):
    table = getattr(schema, name + "T")()
    for key, value in fields.items():
        setattr(table, key, value)
    return table


def draw(kind, shape):
    if kind.startswith("float"):
        return random.normal(size=shape).astype(kind)
    if kind == "bool":
        return random.random(shape) < 0.5
    if kind in ("int32", "int64"):
        return random.integers(-50, 50, shape).astype(kind)
    limits = np.iinfo(kind)
    return random.integers(limits.min, limits.max + 1, shape).astype(kind)


def quantisation(kind, scale=None):
    """Scale and zero point of a type; nothing for types without."""
    if kind not in QUANTISED:
        return None, 0
    limits = np.iinfo(kind)
    zero = 0 if kind == "int16" else random.integers(limits.min + 30, limits.max - 30)
    return scale or 10 ** random.uniform(-2.5, -0.5), zero


def pools():
    for op in ("AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"):
        for kind in ("float32",) if op == "L2_POOL_2D" else ("float32", *QUANTISED):
            for shape, size, stride, padding, activation in (
                    ((2, 7, 5, 5), (3, 2), (2, 1), 0, 0), ((1, 4, 4, 35), (4, 4), (1, 1), 1, 1),
                    ((1, 4, 5, 19), (3, 3), (1, 2), 0, 3)):
                model, (scale, zero) = Model(), quantisation(kind)
                inputs = [model.feed(draw(kind, shape), scale, zero)]
                model.output(kind, scale, zero)
                yield f"{op} {kind} {shape}", model, op, 1 if op[0] == "L" else 3, inputs, options_of(
                    "Pool2DOptions", filterHeight=size[0], filterWidth=size[1], strideH=stride[0],
                    strideW=stride[1], padding=padding, fusedActivationFunction=activation)


def softmaxes():
    prescribed = {"int8": (1 / 256, -128), "uint8": (1 / 256, 0), "int16": (1 / 32768, 0)}
    for source, result in (("float32", "float32"), ("float16", "float16"), ("int8", "int8"),
                           ("uint8", "uint8"), ("int16", "int16"), ("int8", "int16"),
                           ("uint8", "int16")):
        for shape, beta in (((2, 3, 5), 1.0), ((1, 130), 0.5), ((3, 1), 2.0), ((1, 700), 0.3)):
            model = Model()
            scale, zero = quantisation(source, 8 / 32768 if source == "int16" else None)
            inputs = [model.feed(draw(source, shape), scale, zero)]
            out = prescribed.get(result, (None, 0))
            if result == "int16" and source != "int16":
                out = (1 / 65536, 0)
            model.output(result, *out)
            version = 4 if source == "float16" else 3 if result == "int16" else 2
            yield (f"SOFTMAX {source} to {result} {shape}", model, "SOFTMAX", version, inputs,
                   options_of("SoftmaxOptions", beta=beta))
    for kind, out in (("float32", (None, 0)), ("int8", (1 / 16, 127)), ("uint8", (1 / 16, 255))):
        for shape, scale in (((2, 7), 0.1), ((1, 300), 0.02), ((4, 1), 1.0)):
            model = Model()
            _, zero = quantisation(kind)
            inputs = [model.feed(draw(kind, shape), scale if kind != "float32" else None, zero)]
            model.output(kind, *out)
            yield (f"LOG_SOFTMAX {kind} {shape}", model, "LOG_SOFTMAX", 2 if kind == "int8" else 1,
                   inputs, options_of("LogSoftmaxOptions"))


def normalisations():
    for kind, out in (("float32", (None, 0)), ("int8", (1 / 128, 0)), ("uint8", (1 / 128, 128))):
        for shape in ((2, 3, 17), (1, 1), (3, 400)):
            model, (scale, zero) = Model(), quantisation(kind)
            inputs = [model.feed(draw(kind, shape), scale, zero)]
            model.output(kind, *out)
            yield (f"L2_NORMALIZATION {kind} {shape}", model, "L2_NORMALIZATION",
                   2 if kind == "int8" else 1, inputs, options_of("L2NormOptions"))
    for radius, beta in ((1, 0.5), (3, 1.0), (20, 0.75)):
        model = Model()
        inputs = [model.feed(draw("float32", (1, 2, 3, 11)))]
        model.output("float32")
        yield (f"LOCAL_RESPONSE_NORMALIZATION {radius} {beta}", model,
               "LOCAL_RESPONSE_NORMALIZATION", 1, inputs,
               options_of("LocalResponseNormalizationOptions", radius=radius, bias=1.0, alpha=0.5,
                          beta=beta))


def reductions():
    kinds = {"MEAN": ("float32", "int32", "int64", *QUANTISED),
             "SUM": ("float32", "int32", "int64", *QUANTISED, "bool"),
             "REDUCE_PROD": ("float32", "int32", "int64", "int8", "int16"),
             "REDUCE_MAX": ("float32", "int32", "int64", *QUANTISED),
             "REDUCE_MIN": ("float32", "int32", "int64", *QUANTISED), "REDUCE_ANY": ("bool",),
             "REDUCE_ALL": ("bool",)}
    for op, types in kinds.items():
        for kind in types:
            for number, (shape, axes, keep, known) in enumerate((
                    ((2, 3, 2, 19), (1, 2), True, True), ((3, 2, 2, 3), (-1, 1, 1), False, True),
                    ((2, 5), (0, 1), False, False), ((4,), (), True, True),
                    ((2, 3, 2, 2, 2), (0, 2, 4), False, True))):
                model, (scale, zero) = Model(), quantisation(kind)
                axes = np.array(axes, np.int32)
                inputs = [model.feed(draw(kind, shape), scale, zero),
                          model.constant(axes) if known else model.feed(axes)]
                out_scale, out_zero = scale, zero
                if scale and op in ("MEAN", "SUM", "REDUCE_PROD"):
                    out_scale, out_zero = quantisation(kind, scale * (20 if op == "SUM" else 0.7))
                model.output(kind, out_scale, out_zero)
                version = 3 if op in ("REDUCE_MAX", "REDUCE_MIN") else 1 if kind == "bool" else 2
                yield (f"{op} {kind} {number}", model, op, version, inputs,
                       options_of("ReducerOptions", keepDims=keep))
    model = Model()
    inputs = [model.feed(np.zeros((2, 0), np.float32)), model.constant(np.array([1], np.int32))]
    model.output("float32")
    yield "MEAN of nothing", model, "MEAN", 1, inputs, options_of("ReducerOptions")


def resizings():
    for op, table in (("RESIZE_BILINEAR", "ResizeBilinearOptions"),
                      ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions")):
        for kind in ("float32", *QUANTISED):
            for size, target, channels, align, half, known in (
                    ((3, 5), (7, 4), 3, False, False, True), ((4, 3), (3, 7), 9, True, False, True),
                    ((3, 2), (5, 3), 17, False, True, False), ((2, 2), (1, 80), 1, False, True, True)):
                model, (scale, zero) = Model(), quantisation(kind)
                target = np.array(target, np.int32)
                inputs = [model.feed(draw(kind, (1, *size, channels)), scale, zero),
                          model.constant(target) if known else model.feed(target)]
                model.output(kind, scale, zero)
                yield (f"{op} {kind} {size} to {target}", model, op, 4 if kind == "int16" else 3,
                       inputs, options_of(table, alignCorners=align, halfPixelCenters=half))


def spectra():
    for shape, lengths, known in (((3, 5), (4, 8), True), ((2, 2, 9), (1, 16), False),
                                  ((6, 6), (8, 2), True), ((20, 30), (16, 32), True)):
        model, lengths = Model(), np.array(lengths, np.int32)
        inputs = [model.feed(draw("float32", shape)),
                  model.constant(lengths) if known else model.feed(lengths)]
        model.output("complex64")
        yield f"RFFT2D {shape}", model, "RFFT2D", 1, inputs, options_of("Rfft2dOptions")


def suppressions():
    """Coarse coordinates and scores, so that boxes tie, coincide and have no area."""
    for number in range(12):
        model, count = Model(), int(random.integers(1, 50))
        boxes = (random.integers(0, 4, (count, 4)) / 4).astype(np.float32)
        scores = (random.integers(0, 5, count) / 4).astype(np.float32)
        most = np.int32(random.integers(1, 20))
        inputs = [model.feed(boxes), model.feed(scores),
                  model.feed(most) if number % 3 == 0 else model.constant(most),
                  model.constant(np.float32(random.choice([0.3, 0.5, 1.0]))),
                  model.constant(np.float32(0.2))]
        name = "NON_MAX_SUPPRESSION_V4"
        model.output("int32")
        if number % 2:
            name = "NON_MAX_SUPPRESSION_V5"
            inputs.append(model.constant(np.float32(random.choice([0, 0.4]))))
            model.output("float32")
        model.output("int32")
        yield f"{name} {number}", model, name, 1, inputs, None


def detection_options(**fields):
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in fields.items():
            builder.Key(key)
            {bool: builder.Bool, int: builder.Int, float: builder.Float}[type(value)](value)
    return bytes(builder.Finish())


def detections():
    """All boxes are apart or alike and all rows of the result are filled, because LiteRT leaves the
    others unwritten."""
    for number, (classes, background, kind, by_class) in enumerate((
            (3, 1, "float32", False), (3, 0, "float32", True), (9, 1, "float32", False),
            (4, 1, "uint8", True), (4, 1, "uint8", False))):
        model, boxes = Model(), 40
        per_box = 1 if by_class else 2
        scores = random.integers(60, 76, (1, boxes, classes + background))
        centres = np.stack(np.meshgrid(np.arange(8), np.arange(5)), -1).reshape(-1, 2)
        anchors = np.concatenate([centres, np.full((boxes, 2), 4)], 1)
        if kind == "uint8":
            encodings = random.integers(120, 137, (1, boxes, 4)).astype(np.uint8)
            inputs = [model.feed(encodings, 0.05, 128), model.feed(scores.astype(np.uint8), 1 / 256),
                      model.feed(anchors.astype(np.uint8), 0.25)]
        else:
            encodings = random.integers(-2, 3, (1, boxes, 4)).astype(np.float32)
            inputs = [model.feed(encodings), model.feed((scores / 100).astype(np.float32)),
                      model.feed((anchors / 4).astype(np.float32))]
        for _ in range(4):
            model.output("float32")
        options = detection_options(
            max_detections=4, max_classes_per_detection=per_box, detections_per_class=3,
            num_classes=classes, nms_score_threshold=0.2, nms_iou_threshold=0.6, y_scale=10.0,
            x_scale=10.0, h_scale=5.0, w_scale=5.0, use_regular_nms=by_class)
        yield (f"TFLite_Detection_PostProcess {number}", model, "TFLite_Detection_PostProcess", 1,
               inputs, options)


def cases():
    for family in (pools, softmaxes, normalisations, reductions, resizings, spectra, suppressions,
                   detections):
        yield from family()


def wrong_in_the_reference(name):
    quantised_sum = name.startswith("SUM") and any(kind in name for kind in QUANTISED)
    many_classes = name.startswith("SOFTMAX") and "700" in name and "int16" not in name
    return quantised_sum or many_classes or name.startswith(("LOCAL", "SOFTMAX float16"))


def block(data):
    return struct.pack("<I", len(data)) + data


def record(name, model, op, version, inputs, options):
    custom = options if isinstance(options, bytes) else None
    content = model.finish(op, version, inputs, None if custom else options, custom)
    resolver = interpreter.OpResolverType.BUILTIN_REF
    if wrong_in_the_reference(name):
        resolver = interpreter.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    runtime = interpreter.Interpreter(model_content=content,
                                      experimental_op_resolver_type=resolver)
    runtime.allocate_tensors()
    result = block(name.encode()) + block(content) + struct.pack("<I", 1)
    for detail, values in zip(runtime.get_input_details(), model.fed):
        runtime.set_tensor(detail["index"], values)
        result += block(values.tobytes())
    runtime.invoke()
    for detail in runtime.get_output_details():
        result += block(runtime.get_tensor(detail["index"]).tobytes())
    return result


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        for case in cases():
            file.write(record(*case))
