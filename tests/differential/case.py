# SPDX-License-Identifier: Apache-2.0
"""One operator with its data, and models made of many of them side by side.

A Case owns its tensors as Arguments and knows nothing of indices, so any number of cases can be put
into one model: one start of a process then answers for all of them.
"""
import dataclasses
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from tflite_build import ModelBuilder, Quantization, options  # noqa: F401 (for the families)

NUMPY = {"float32": np.float32, "float16": np.float16, "float64": np.float64, "int4": np.int8,
         "int8": np.int8, "uint8": np.uint8, "int16": np.int16, "uint16": np.uint16,
         "int32": np.int32, "uint32": np.uint32, "int64": np.int64, "uint64": np.uint64,
         "bool": np.bool_, "complex64": np.complex64}

# How far a float result may be from the reference.
MOVED = "moved"          # data that is only copied, or rounded once: equal
ELEMENTWISE = "elementwise"  # one function per element
CANCELLED = "cancelled"  # one function per element that subtracts nearly equal numbers
SUMMED = "summed"        # long sums, or several steps


@dataclasses.dataclass
class Argument:
    kind: str
    values: np.ndarray = None   # None: a result, a variable or an absent input
    quantization: Quantization = None
    role: str = "feed"          # feed, constant, variable, result, absent
    shape: tuple = ()           # of variables, and of results when the operator needs it stated


def feed(kind, values, quantization=None):
    return Argument(kind, np.asarray(values, NUMPY[kind]), quantization)


def constant(kind, values, quantization=None):
    return Argument(kind, np.asarray(values, NUMPY[kind]), quantization, "constant")


def variable(kind, shape, quantization=None):
    return Argument(kind, None, quantization, "variable", tuple(shape))


# Stated for results until a first run has found their shapes: a scalar would not do, the reference
# runtime keeps it where the computed shape has one element.
UNKNOWN = (3, 1, 7)


def result(kind, quantization=None, shape=UNKNOWN):
    return Argument(kind, None, quantization, "result", tuple(shape))


ABSENT = Argument("float32", role="absent")


@dataclasses.dataclass
class Case:
    op: str
    inputs: list
    outputs: list
    settings: object = None     # options table, or a function of the ModelBuilder that makes one
    version: int = 1
    custom_options: bytes = None
    intermediates: list = None  # Arguments with the role "result" that are no outputs
    bound: str = ELEMENTWISE
    repeat: int = 1             # runs with the same inputs; the last outputs count
    target: str = "ref"         # kernels of the reference runtime that define the right answer
    name: str = ""

    def feeds(self):
        return [item.values for item in self.inputs if item.role == "feed"]


def place(graph, argument):
    """Adds an argument's tensor to the graph; returns its index."""
    if argument.role == "absent":
        return -1
    if argument.role == "constant":
        return graph.constant(argument.kind, argument.values, argument.quantization)
    if argument.role == "feed":
        return graph.input(argument.kind, argument.values.shape, argument.quantization)
    return graph.tensor(argument.kind, argument.shape, argument.quantization,
                        variable=argument.role == "variable")


def assemble(cases, shapes=None):
    """A model with all cases in it, inputs and outputs in the order of the cases. `shapes`: of all
    outputs as found by a first run, to be stated in the file."""
    model = ModelBuilder("differential test")
    graph = model.graph()
    shapes = iter(shapes) if shapes is not None else None
    for case in cases:
        inputs = [place(graph, item) for item in case.inputs]
        outputs = []
        for item in case.outputs:
            shape = next(shapes) if shapes is not None else item.shape
            outputs.append(graph.output(item.kind, shape, item.quantization))
        between = [place(graph, item) for item in case.intermediates or []] or None
        settings = case.settings(model) if callable(case.settings) else case.settings
        graph.operator(case.op, inputs, outputs, settings, case.version, case.custom_options,
                       between)
    return model.file()


def feeds(cases):
    return [values for case in cases for values in case.feeds()]


# ---- The list of families ------------------------------------------------------------------------

FAMILIES = {}  # operator -> (function of (Draw, operator) that makes a Case, cases at scale 1)


def covers(*operators, cases=16):
    """Decorator: the function makes cases of these operators."""
    def register(make):
        for operator in operators:
            FAMILIES[operator] = (make, cases)
        return make
    return register
