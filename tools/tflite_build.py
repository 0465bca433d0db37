# SPDX-License-Identifier: Apache-2.0
"""Makes .tflite models from Python: tensors, operators, subgraphs, and the file at the end.

    model = ModelBuilder("what it is")
    graph = model.graph()
    x = graph.input("float32", (1, 4))
    y = graph.output("float32", (1, 4))
    graph.operator("RELU", [x], [y])
    open("relu.tflite", "wb").write(model.file())
"""
import dataclasses

import numpy as np

import tflite_file
from tflite_file import schema

TYPES = {name.lower(): number for name, number in vars(schema.TensorType).items()
         if isinstance(number, int)}
OPERATORS = {name: number for name, number in vars(schema.BuiltinOperator).items()
             if isinstance(number, int)}
ACTIVATIONS = {name: number for name, number in vars(schema.ActivationFunctionType).items()
               if isinstance(number, int)}
SAME, VALID = schema.Padding.SAME, schema.Padding.VALID
LAST_BYTE_CODE = 127  # builtin codes above it do not fit the field that old readers look at


@dataclasses.dataclass(frozen=True)
class Quantization:
    """real = scale * (stored - zero); several scales go along `axis`."""
    scale: tuple
    zero: tuple = (0,)
    axis: int = 0

    @staticmethod
    def of(scale, zero=0):
        return Quantization((float(np.float32(scale)),), (int(zero),))

    def table(self):
        made = schema.QuantizationParametersT()
        made.scale = [float(number) for number in self.scale]
        made.zeroPoint = [int(number) for number in self.zero]
        if len(made.zeroPoint) < len(made.scale):
            made.zeroPoint *= len(made.scale)
        made.quantizedDimension = self.axis
        return made


def options(kind, **fields):
    """A table of operator options; a misspelt field is an error."""
    made = getattr(schema, kind + "T")()
    for name, value in fields.items():
        if not hasattr(made, name):
            raise AttributeError(f"{kind} has no field {name}: {sorted(vars(made))}")
        setattr(made, name, value)
    return made


def packed_nibbles(values):
    """int4: two a byte, the lower index in the lower bits."""
    low = np.asarray(values, np.int8).reshape(-1) & 15
    if low.size % 2:
        low = np.append(low, 0)
    return (low[0::2] | low[1::2] << 4).astype(np.uint8)


class GraphBuilder:
    def __init__(self, model, name):
        self.model = model
        self.graph = schema.SubGraphT()
        self.graph.name = name
        self.graph.tensors, self.graph.operators = [], []
        self.graph.inputs, self.graph.outputs = [], []

    def tensor(self, kind, shape, quantization=None, content=None, variable=False, name=None,
               signature=None):
        made = schema.TensorT()
        made.name = name or f"tensor_{len(self.graph.tensors)}"
        made.type = TYPES[kind]
        made.shape = [int(size) for size in shape]
        made.shapeSignature = signature
        made.hasRank = True
        made.isVariable = variable
        made.quantization = quantization.table() if quantization else None
        made.buffer = 0 if content is None else self.model.buffer(content)
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def constant(self, kind, values, quantization=None, name=None):
        flat = np.ascontiguousarray(values).reshape(-1)
        content = packed_nibbles(flat) if kind == "int4" else flat.view(np.uint8)
        return self.tensor(kind, np.shape(values), quantization, content, name=name)

    def input(self, kind, shape, quantization=None, name=None, signature=None):
        made = self.tensor(kind, shape, quantization, name=name, signature=signature)
        self.graph.inputs.append(made)
        return made

    def output(self, kind, shape, quantization=None, name=None):
        made = self.tensor(kind, shape, quantization, name=name)
        self.graph.outputs.append(made)
        return made

    def operator(self, op, inputs, outputs, settings=None, version=1, custom_options=None,
                 intermediates=None):
        """`op` is a builtin name, or custom code when OPERATORS lacks it; -1: absent input."""
        made = schema.OperatorT()
        made.opcodeIndex = self.model.operator_code(op, version)
        made.inputs = [int(index) for index in inputs]
        made.outputs = [int(index) for index in outputs]
        made.intermediates = intermediates
        if settings is not None:
            name = type(settings).__name__[:-1]
            if hasattr(schema.BuiltinOptions, name):
                made.builtinOptionsType = getattr(schema.BuiltinOptions, name)
                made.builtinOptions = settings
            else:
                made.builtinOptions2Type = getattr(schema.BuiltinOptions2, name)
                made.builtinOptions2 = settings
        if custom_options is not None:
            made.customOptions = np.frombuffer(custom_options, np.uint8)
        self.graph.operators.append(made)


class ModelBuilder:
    def __init__(self, description):
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.description = description
        self.model.operatorCodes, self.model.subgraphs = [], []
        self.model.buffers = [tflite_file.AlignedBuffer()]  # buffer 0 is the empty one
        self.codes = {}

    def graph(self, name="main"):
        made = GraphBuilder(self, name)
        self.model.subgraphs.append(made.graph)
        return made

    def buffer(self, content):
        made = tflite_file.AlignedBuffer()
        made.data = content
        self.model.buffers.append(made)
        return len(self.model.buffers) - 1

    def operator_code(self, op, version):
        key = (op, version)
        if key not in self.codes:
            made = schema.OperatorCodeT()
            made.builtinCode = OPERATORS.get(op, OPERATORS["CUSTOM"])
            made.deprecatedBuiltinCode = min(made.builtinCode, LAST_BYTE_CODE)
            made.customCode = None if op in OPERATORS else op
            made.version = version
            self.codes[key] = len(self.model.operatorCodes)
            self.model.operatorCodes.append(made)
        return self.codes[key]

    def file(self):
        return tflite_file.write(self.model)
