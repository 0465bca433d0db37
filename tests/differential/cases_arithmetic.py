# SPDX-License-Identifier: Apache-2.0
"""Operators on single elements and pairs of elements, with broadcasting.

A fused activation is drawn as a number: 0 none, 1 RELU, 2 RELU_N1_TO_1, 3 RELU6.
"""
import numpy as np

from case import CANCELLED, ELEMENTWISE, MOVED, SUMMED, Case, covers, options, result
from draw import QUANTIZED
from tflite_build import TYPES, Quantization

QUANTIZED_VERSION = {"int8": 2, "int16": 3}


@covers("ADD", "SUB", cases=40)
def add_sub(draw, op):
    kind = draw.one("float32", "int32", "int64", "int8", "int8", "uint8", "int16")
    first, second = draw.broadcast()
    left, right = draw.quantization(kind), draw.quantization(kind)
    out = None
    if left:
        scale = max(left.scale[0], right.scale[0]) * draw.real(1, 2.5)
        out = draw.quantization(kind, scale * (128 if kind == "int16" else 1))
    act = 0 if kind == "int64" else draw.integer(0, 3)
    settings = options("AddOptions" if op == "ADD" else "SubOptions",
                       fusedActivationFunction=act, potScaleInt16=False)
    version = {"int8": 2, "int16": 3, "int64": 4}.get(kind, 1)
    return Case(op, [draw.tensor(kind, first, left),
                     draw.tensor(kind, second, right, constant_chance=0.3)],
                [result(kind, out)], settings, version)


@covers("MUL", "SQUARED_DIFFERENCE", cases=32)
def products(draw, op):
    if op == "MUL":
        kind = draw.one("float32", "int32", "int64", "int8", "uint8", "int16", "complex64")
        act = draw.integer(0, 3) if kind not in ("int64", "complex64") else 0
        settings = options("MulOptions", fusedActivationFunction=act)
        version = {"int8": 2, "int16": 4, "int64": 6, "complex64": 6}.get(kind, 1)
    else:
        kind = draw.one("float32", "int32", "int8")
        settings = options("SquaredDifferenceOptions")
        version = 2 if kind == "int8" else 1
    first, second = draw.broadcast()
    left, right = draw.quantization(kind), draw.quantization(kind)
    out = None
    if left:
        scale = draw.multiplier_scale(left.scale[0] * right.scale[0], kind)
        out = draw.quantization(kind, scale * (128 if kind == "int16" else 1))
    return Case(op, [draw.tensor(kind, first, left),
                     draw.tensor(kind, second, right, constant_chance=0.3)],
                [result(kind, out)], settings, version)


@covers("DIV", "FLOOR_DIV", "FLOOR_MOD", cases=20)
def division(draw, op):
    kinds = {"DIV": ("float32", "int32"), "FLOOR_DIV": ("float32", "int32", "int16", "int8"),
             "FLOOR_MOD": ("float32", "int8", "int16", "int32", "int64")}[op]
    kind = draw.one(*kinds)
    first, second = draw.broadcast()
    settings = {"DIV": lambda: options("DivOptions", fusedActivationFunction=draw.integer(0, 3)),
                "FLOOR_DIV": lambda: options("FloorDivOptions"),
                "FLOOR_MOD": lambda: options("FloorModOptions")}[op]()
    version = {"DIV": 1, "FLOOR_DIV": 3, "FLOOR_MOD": 2}[op]
    dividend = draw.tensor(kind, first)
    if kind in ("int8", "int16"):  # lowest / -1 has no result: the reference gives this or that
        dividend.values = np.maximum(dividend.values, np.iinfo(kind).min + 1)
    return Case(op, [dividend, draw.tensor(kind, second, flavour="nonzero")], [result(kind)],
                settings, version)


@covers("DIV_QUANTIZED", cases=12)
def quantized_division(draw, family):
    """Quotients of at least half a step: for smaller ones, and 0, the reference shifts by 32 bits
    or more, with whatever the processor makes of it."""
    kind = draw.one("int8", "uint8")
    first, second = draw.broadcast()
    left, right = draw.quantization(kind), draw.quantization(kind)
    out = draw.quantization(kind, left.scale[0] / right.scale[0] * draw.real(1.5, 4))
    dividend, divisor = draw.tensor(kind, first, left), draw.tensor(kind, second, right)
    near = np.abs(dividend.values.astype(int) - left.zero[0]) < 30
    middle = 0 if kind == "int8" else 128
    far = left.zero[0] + (30 if left.zero[0] < middle else -30)
    dividend.values = np.where(near, far, dividend.values).astype(kind)
    steps = draw.random.integers(1, 13, second) * draw.random.choice([-1, 1], second)
    divisor.values = (right.zero[0] + steps).astype(kind)
    settings = options("DivOptions", fusedActivationFunction=draw.integer(0, 3))
    return Case("DIV", [dividend, divisor], [result(kind, out)], settings, 2)


@covers("MAXIMUM", "MINIMUM", cases=20)
def extremes(draw, op):
    kind = draw.one("float32", "int32", "int64", "int8", "uint8", "int16")
    first, second = draw.broadcast()
    how = draw.quantization(kind)
    version = {"int8": 2, "int64": 3, "int16": 4}.get(kind, 1)
    return Case(op, [draw.tensor(kind, first, how), draw.tensor(kind, second, how)],
                [result(kind, how)], options("MaximumMinimumOptions"), version, bound=MOVED)


@covers("POW", "ATAN2", cases=12)
def powers(draw, op):
    first, second = draw.broadcast()
    if op == "ATAN2":
        kind = draw.one("float32", "float64")
        return Case(op, [draw.tensor(kind, first), draw.tensor(kind, first)], [result(kind)],
                    options("ATan2Options"))
    kind = draw.one("float32", "int32")
    base = draw.tensor(kind, first, flavour="positive" if kind == "float32" else "few")
    exponent = draw.tensor(kind, second, flavour="few")
    if kind == "int32":
        exponent.values = np.abs(exponent.values)
    return Case(op, [base, exponent], [result(kind)], options("PowOptions"), bound=SUMMED)


@covers("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL", cases=20)
def comparison(draw, op):
    kinds = ["float32", "int32", "int64", "int8", "uint8"]
    if op in ("EQUAL", "NOT_EQUAL"):
        kinds.append("bool")
    kind = draw.one(*kinds)
    words = "".join(word.capitalize() for word in op.split("_"))
    first, second = draw.broadcast()
    flavour = "any" if kind in QUANTIZED else "few"
    return Case(op, [draw.tensor(kind, first, draw.quantization(kind), flavour),
                     draw.tensor(kind, second, draw.quantization(kind), flavour)],
                [result("bool")], options(words + "Options"), 2)


@covers("LOGICAL_AND", "LOGICAL_OR", "LOGICAL_NOT", cases=8)
def logic(draw, op):
    first, second = draw.broadcast()
    if op == "LOGICAL_NOT":
        return Case(op, [draw.tensor("bool", first)], [result("bool")],
                    options("LogicalNotOptions"))
    words = "".join(word.capitalize() for word in op.split("_"))
    return Case(op, [draw.tensor("bool", first), draw.tensor("bool", second)], [result("bool")],
                options(words + "Options"))


@covers("BITWISE_XOR", "RIGHT_SHIFT", cases=12)
def bits(draw, op):
    kind = draw.one("int8", "uint8", "int16", "uint16", "int32", "uint32")
    first, second = draw.broadcast()
    right = draw.tensor(kind, second)
    if op == "RIGHT_SHIFT":
        right.values = draw.random.integers(0, 8, second).astype(right.values.dtype)
    words = "".join(word.capitalize() for word in op.split("_"))
    return Case(op, [draw.tensor(kind, first), right], [result(kind)], options(words + "Options"))


@covers("STABLEHLO_ADD", "STABLEHLO_MULTIPLY", "STABLEHLO_MAXIMUM", "STABLEHLO_MINIMUM",
        "STABLEHLO_AND", cases=8)
def stablehlo_pairs(draw, op):
    kind = draw.one("int8", "int16", "int32", "int64", "bool" if op.endswith("AND") else "float32")
    shape = draw.shape(1, 4)
    return Case(op, [draw.tensor(kind, shape), draw.tensor(kind, shape)], [result(kind)])


UNARY = {  # operator: (kinds, flavour, options, bound)
    "ABS": (("float32", "int32", "int16"), "any", "AbsOptions", MOVED),
    "NEG": (("float32", "int32", "int64", "int8", "int16"), "any", "NegOptions", MOVED),
    "SQRT": (("float32",), "positive", None, ELEMENTWISE),
    "RSQRT": (("float32",), "positive", None, ELEMENTWISE),
    "EXP": (("float32",), "any", "ExpOptions", ELEMENTWISE),
    "LOG": (("float32",), "positive", None, ELEMENTWISE),
    "SIN": (("float32",), "any", None, ELEMENTWISE),
    "COS": (("float32",), "any", "CosOptions", ELEMENTWISE),
    "SQUARE": (("float32",), "any", "SquareOptions", MOVED),
    "ROUND": (("float32",), "any", None, MOVED),
    "FLOOR": (("float32",), "any", None, MOVED),
    "CEIL": (("float32",), "any", None, MOVED),
    "SIGN": (("float32", "float64", "int32"), "any", "SignOptions", MOVED),
    "ZEROS_LIKE": (("float32", "int32", "int64"), "any", "ZerosLikeOptions", MOVED),
    "ELU": (("float32",), "any", None, ELEMENTWISE),
    "RELU_0_TO_1": (("float32",), "any", None, MOVED),
    "RELU_N1_TO_1": (("float32",), "any", None, MOVED),
}


@covers(*UNARY, cases=8)
def unary(draw, op):
    kinds, flavour, settings, bound = UNARY[op]
    kind = draw.one(*kinds)
    version = {"SIGN": 2, "EXP": 2}.get(op, 1)
    if op == "ABS":
        version = {"float32": 1, "int32": 4, "int16": 5}[kind]
    return Case(op, [draw.tensor(kind, draw.shape(1, 4, 9), flavour=flavour)], [result(kind)],
                settings and options(settings), version, bound=bound)


@covers("REAL", "IMAG", "COMPLEX_ABS", cases=4)
def complex_parts(draw, op):
    bound = ELEMENTWISE if op == "COMPLEX_ABS" else MOVED
    return Case(op, [draw.tensor("complex64", draw.shape(1, 4))], [result("float32")], bound=bound)


CURVES = {  # operator: (quantised kinds, options, version of int8 and int16)
    "LOGISTIC": (("int8", "uint8", "int16"), None), "TANH": (("int8", "uint8", "int16"), None),
    "RELU": (("int8", "uint8", "int16"), None), "RELU6": (("int8", "uint8", "int16"), None),
    "HARD_SWISH": (("int8", "uint8"), "HardSwishOptions"),
    "LEAKY_RELU": (("int8", "uint8", "int16"), "LeakyReluOptions"),
    "GELU": (("int8", "uint8"), "GeluOptions")}
FIXED_OUTPUT = {("LOGISTIC", "int8"): (1 / 256, -128), ("LOGISTIC", "uint8"): (1 / 256, 0),
                ("LOGISTIC", "int16"): (1 / 32768, 0), ("TANH", "int8"): (1 / 128, 0),
                ("TANH", "uint8"): (1 / 128, 128), ("TANH", "int16"): (1 / 32768, 0)}


@covers(*CURVES, cases=30)
def curves(draw, op):
    kinds, settings = CURVES[op]
    kind = draw.one("float32", *kinds)
    how, out = draw.quantization(kind), draw.quantization(kind)
    if (op, kind) in FIXED_OUTPUT:
        out = Quantization.of(*FIXED_OUTPUT[op, kind])
    fields = {"LEAKY_RELU": {"alpha": draw.one(0.1, 0.3, draw.real(0, 1))},
              "GELU": {"approximate": draw.chance(0.5)}}.get(op, {})
    version = QUANTIZED_VERSION.get(kind, 1) if op in ("LOGISTIC", "TANH", "RELU", "RELU6") else (
        2 if kind in ("int8", "int16") and op != "HARD_SWISH" else 1)
    return Case(op, [draw.tensor(kind, draw.shape(1, 4, 9), how)], [result(kind, out)],
                settings and options(settings, **fields), version,
                bound=CANCELLED if op == "GELU" else ELEMENTWISE)


@covers("ABS_QUANTIZED", "SQRT_QUANTIZED", "RSQRT_QUANTIZED", "LOG_QUANTIZED", "EXP_QUANTIZED",
        "ELU_QUANTIZED", cases=10)
def quantized_unary(draw, family):
    op = family.split("_")[0]
    kind = "int8" if op != "EXP" else draw.one("int8", "int16")
    how, out = draw.quantization(kind), draw.quantization(kind)
    tensor = draw.tensor(kind, draw.shape(1, 4, 9), how)
    if op in ("SQRT", "RSQRT", "LOG"):
        tensor.values = np.maximum(tensor.values, how.zero[0] + 1).astype(np.int8)
    version = {"ABS": 2, "EXP": 2, "ELU": 1}.get(op, 2)
    settings = {"ABS": "AbsOptions", "EXP": "ExpOptions"}.get(op)
    return Case(op, [tensor], [result(kind, out)], settings and options(settings), version)


@covers("PRELU", cases=16)
def prelu(draw, op):
    kind = draw.one("float32", "int8", "uint8")
    shape = draw.shape(2, 4)
    slopes = [1] * (len(shape) - 2) + shape[-1:] if draw.chance(0.6) else shape[1:]
    how = draw.quantization(kind)
    return Case(op, [draw.tensor(kind, shape, how),
                     draw.tensor(kind, slopes, draw.quantization(kind), constant_chance=0.9)],
                [result(kind, draw.quantization(kind))])


@covers("ADD_N", cases=6)
def add_n(draw, op):
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 4)
    return Case(op, [draw.tensor(kind, shape) for _ in range(draw.integer(2, 5))], [result(kind)],
                options("AddNOptions"))


@covers("QUANTIZE", "DEQUANTIZE", cases=24)
def conversion(draw, op):
    shape = draw.shape(1, 4, 9)
    if op == "DEQUANTIZE":
        kind = draw.one("int8", "uint8", "int16", "float16")
        version = {"int16": 3, "float16": 3, "int8": 2}.get(kind, 1)
        return Case(op, [draw.tensor(kind, shape, draw.quantization(kind))], [result("float32")],
                    options("DequantizeOptions"), version)
    source, target = draw.one(("float32", "int8"), ("float32", "uint8"), ("float32", "int16"),
                              ("int8", "uint8"), ("uint8", "int8"), ("int8", "int8"),
                              ("uint8", "uint8"), ("int16", "int8"), ("int8", "int16"),
                              ("int16", "int16"))
    version = 2 if source == target or source != "float32" else 1
    return Case(op, [draw.tensor(source, shape, draw.quantization(source))],
                [result(target, draw.quantization(target))], options("QuantizeOptions"), version)


@covers("CAST", cases=30)
def cast(draw, op):
    kinds = ("float32", "float64", "float16", "int8", "uint8", "int16", "uint16", "int32",
             "uint32", "int64", "bool")
    source, target = draw.one(*kinds), draw.one(*kinds)
    tensor = draw.tensor(source, draw.shape(1, 4))
    if source.startswith("float"):  # keep to values that every integer kind can hold
        tensor.values = np.clip(np.abs(tensor.values) * 8, 0, 100).astype(tensor.values.dtype)
    settings = options("CastOptions", inDataType=TYPES[source], outDataType=TYPES[target])
    return Case(op, [tensor], [result(target)], settings, 4, bound=MOVED)


@covers("FAKE_QUANT", cases=6)
def fake_quant(draw, op):
    settings = options("FakeQuantOptions", min=-draw.real(0.1, 6), max=draw.real(0.1, 6),
                       numBits=draw.integer(4, 12), narrowRange=False)
    return Case(op, [draw.tensor("float32", draw.shape(1, 4))], [result("float32")], settings, 1)


@covers("BITCAST", cases=6)
def bitcast(draw, op):
    source, target = draw.one(("float32", "int32"), ("int32", "float32"), ("int16", "uint16"),
                              ("int8", "uint8"), ("int64", "float64"))
    tensor = draw.tensor(source, draw.shape(1, 4))
    return Case(op, [tensor], [result(target)], options("BitcastOptions"), bound=MOVED)
