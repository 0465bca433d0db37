# SPDX-License-Identifier: Apache-2.0
"""Writes recurrent_goldens.bin: models of recurrent operators with the answers of LiteRT's reference
kernels (resolver BUILTIN_REF) over several invocations. Of the LSTM with 12 intermediates only the
first is taken: later LiteRT reads the factor of the output gate's state product from a wrong place.

    python3 goldens_recurrent.py recurrent_goldens.bin

needs numpy, flatbuffers and ai-edge-litert. The file is, little-endian:
    per case   uint32 bytes and text of the name, uint32 bytes and data of the model, uint32 invocations
    per invocation and tensor   uint32 bytes and data: all inputs, then all outputs
"""
import struct
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import interpreter, schema_py_generated as schema

TYPES = {"float32": 0, "int32": 2, "uint8": 3, "int16": 7, "int8": 9}
random = np.random.default_rng(20)


class Model:
    def __init__(self):
        self.graph, self.buffers = schema.SubGraphT(), [schema.BufferT()]
        self.graph.tensors = []

    def tensor(self, shape, kind, scale=None, zero=0, values=None, variable=False):
        tensor = schema.TensorT()
        tensor.shape, tensor.type, tensor.isVariable = list(shape), TYPES[kind], variable
        if scale is not None:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [float(np.float32(scale))]
            tensor.quantization.zeroPoint = [zero]
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(np.asarray(values, kind).tobytes(), np.uint8)
            self.buffers.append(buffer)
            tensor.buffer = len(self.buffers) - 1
        self.graph.tensors.append(tensor)
        return len(self.graph.tensors) - 1

    def weights(self, shape, kind):
        if kind == "float32":
            return self.tensor(shape, kind, values=random.normal(size=shape) * 0.5)
        low = 0 if kind == "uint8" else -127
        return self.tensor(shape, kind, random.uniform(0.004, 0.02), 0,
                           random.integers(low, 128, shape))

    def vector(self, size, kind, scale=None, most=0):
        if kind == "float32":
            return self.weights([size], kind)
        return self.tensor([size], kind, scale, 0, random.integers(-most, most, size))

    def finish(self, op, version, inputs, outputs, fed, options, intermediates=None):
        node, code, model = schema.OperatorT(), schema.OperatorCodeT(), schema.ModelT()
        code.builtinCode = getattr(schema.BuiltinOperator, op)
        code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), version
        node.inputs, node.outputs, node.intermediates = inputs, outputs, intermediates
        node.builtinOptions = options
        node.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        self.graph.inputs, self.graph.outputs, self.graph.operators = fed, outputs, [node]
        model.version, model.operatorCodes = 3, [code]
        model.subgraphs, model.buffers = [self.graph], self.buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def options_of(name, **fields):
    table = getattr(schema, name + "T")()
    for key, value in fields.items():
        assert hasattr(table, key), key
        setattr(table, key, value)
    return table


def cell(model, kind, batch, size, cells, outputs, parts, aux=0, biases="float32"):
    """Inputs of one LSTM cell but for norms; parts names what it has."""
    gates = range(1, 4) if "cifg" in parts else range(4)
    of = lambda make, among=range(4): [make() if g in gates else -1 for g in among]
    peephole, bias = kind, biases
    tensors = of(lambda: model.weights([cells, size], kind))
    diagonal = "diagonal" in parts
    tensors += of(lambda: model.weights([cells], "float32") if diagonal
                  else model.weights([cells, outputs], kind))
    if "peephole" in parts:
        make = lambda: (model.vector(cells, "int16", 0.001, 3000) if bias == "int32"
                        else model.weights([cells], peephole))
        tensors += of(make, (0, 1, 3))
    else:
        tensors += [-1] * 3
    tensors += of(lambda: model.vector(cells, bias, 1e-4, 5000))
    if "projection" in parts:
        tensors += [model.weights([outputs, cells], kind), model.vector(outputs, bias, 1e-4, 2000)]
    else:
        tensors += [-1, -1]
    return tensors


def float_lstm(op, kind, parts, batch=2, time=3, size=5, cells=6, outputs=4):
    model = Model()
    if "projection" not in parts:
        outputs = cells
    major = "time_major" in parts
    sequence = op != "LSTM"
    shape = [time, batch, size] if major else [batch, time, size]
    shape = shape if sequence else [batch, size]
    x = model.tensor(shape, "float32")
    inputs = [x] + cell(model, kind, batch, size, cells, outputs, parts)
    inputs += [model.tensor([batch, outputs], "float32", variable=True),
               model.tensor([batch, cells], "float32", variable=True)]
    gates = range(1, 4) if "cifg" in parts else range(4)
    if "norm" in parts:
        inputs += [model.weights([cells], "float32") if g in gates else -1 for g in range(4)]
    y = model.tensor(shape[:-1] + [outputs], "float32")
    name = "UnidirectionalSequenceLSTMOptions" if sequence else "LSTMOptions"
    options = options_of(name, fusedActivationFunction=4, cellClip=0.7 if "clip" in parts else 0.0,
                         projClip=0.4 if "clip" in parts else 0.0,
                         asymmetricQuantizeInputs="asymmetric" in parts)
    if sequence:
        options.timeMajor, options.diagonalRecurrentTensors = major, "diagonal" in parts
    return model.finish(op, 3, inputs, [y], [x], options)


def integer_lstm(op, parts, batch=2, time=4, size=9, cells=12, outputs=7, scale=-11):
    model, narrow = Model(), "narrow" in parts
    if "projection" not in parts:
        outputs = cells
    major, sequence = "time_major" in parts, op != "LSTM"
    shape = [time, batch, size] if major else [batch, time, size]
    shape = shape if sequence else [batch, size]
    x = model.tensor(shape, "int8", 0.02, -3)
    inputs = [x] + cell(model, "int8", batch, size, cells, outputs, parts, biases="int32")
    inputs += [model.tensor([batch, outputs], "int8", 0.01, 5, variable=True),
               model.tensor([batch, cells], "int16", 2.0 ** scale, 0, variable=True)]
    gates = range(1, 4) if "cifg" in parts else range(4)
    inputs += [model.vector(cells, "int16", 0.0005, 5000) if "norm" in parts and g in gates else -1
               for g in range(4)]
    y = model.tensor(shape[:-1] + [outputs], "int8", 0.01, 5)
    sum_scale = lambda: random.uniform(0.0005, 0.002)
    if narrow:
        inner = [model.tensor([0], "int16", 0.0008) if i % 3 == 0 else
                 model.tensor([0], "int8", random.uniform(0.02, 0.05), int(random.integers(-9, 9)))
                 for i in range(12)]
    else:
        inner = [model.tensor([0], "int16", sum_scale()) for _ in range(4)]
        inner.append(model.tensor([0], "int8", 0.008, -11))
    name = "UnidirectionalSequenceLSTMOptions" if sequence else "LSTMOptions"
    options = options_of(name, fusedActivationFunction=4, cellClip=0.6 if "clip" in parts else 0.0,
                         projClip=0.8 if "clip" in parts else 0.0)
    if sequence:
        options.timeMajor = major
    return model.finish(op, 3, inputs, [y], [x], options, inner)


def basic_lstm(kind, batch=2, size=5, cells=6):
    model = Model()
    quantized = kind == "uint8"
    narrow = lambda shape: model.tensor(shape, kind, *((1 / 128, 128) if quantized else ()))
    wide_kind = "int16" if quantized else kind
    wide = lambda shape, e: model.tensor(shape, wide_kind, *((2.0 ** e, 0) if quantized else ()))
    x, h = narrow([batch, size]), narrow([batch, cells])
    shape = [4 * cells, size + cells]
    if quantized:
        weights = model.tensor(shape, kind, 0.011, 131, random.integers(0, 256, shape))
        bias = model.tensor([4 * cells], "int32", 0.011 / 128, 0,
                            random.integers(-3000, 3000, 4 * cells))
    else:
        weights, bias = model.weights(shape, kind), model.weights([4 * cells], kind)
    c = wide([batch, cells], -11)
    outputs = [narrow([batch, cells]), wide([batch, cells], -11), narrow([batch, size + cells]),
               wide([batch, 4 * cells], -12)]
    options = options_of("LSTMOptions", fusedActivationFunction=4, kernelType=1)
    return model.finish("LSTM", 2, [x, h, weights, bias, c], outputs, [x, h, c], options)


def two_way_lstm(kind, parts, batch=2, time=3, size=5, cells=4, outputs=3):
    model = Model()
    if "projection" not in parts:
        outputs = cells
    major = "time_major" in parts
    shape = [time, batch, size] if major else [batch, time, size]
    x = model.tensor(shape, "float32")
    inputs = [x]
    for _ in range(2):
        inputs += cell(model, kind, batch, size, cells, outputs, parts)
    for _ in range(2):
        inputs += [model.tensor([batch, outputs], "float32", variable=True),
                   model.tensor([batch, cells], "float32", variable=True)]
    fed, aux_size = [x], 7 if "links" in parts else size
    if "aux" in parts or "links" in parts:
        fed.append(model.tensor(shape[:2] + [aux_size], "float32"))
    inputs.append(fed[1] if len(fed) > 1 else -1)
    inputs += [model.weights([cells, aux_size], kind) if "links" in parts else -1 for _ in range(8)]
    merged = "merged" in parts
    widths = [2 * outputs] if merged else [outputs] * 2
    y = [model.tensor(shape[:2] + [width], "float32") for width in widths]
    options = options_of("BidirectionalSequenceLSTMOptions", fusedActivationFunction=4,
                         timeMajor=major, mergeOutputs=merged,
                         asymmetricQuantizeInputs="asymmetric" in parts)
    return model.finish("BIDIRECTIONAL_SEQUENCE_LSTM", 3, inputs, y, fed, options)


def rnn(op, kind, parts, batch=2, time=3, size=5, units=6):
    model = Model()
    sequence, major = op != "RNN", "time_major" in parts
    shape = [time, batch, size] if major else [batch, time, size]
    shape = shape if sequence else [batch, size]
    x = model.tensor(shape, "float32")
    inputs = [x, model.weights([units, size], kind), model.weights([units, units], kind),
              model.weights([units], "float32"),
              model.tensor([batch, units], "float32", variable=True)]
    y = model.tensor(shape[:-1] + [units], "float32")
    options = options_of("SequenceRNNOptions" if sequence else "RNNOptions",
                         fusedActivationFunction=4,
                         asymmetricQuantizeInputs="asymmetric" in parts)
    if sequence:
        options.timeMajor = major
    return model.finish(op, 3, inputs, [y], [x], options)


def two_way_rnn(parts, batch=2, time=3, size=5, units=(4, 6)):
    model = Model()
    major = "time_major" in parts
    shape = [time, batch, size] if major else [batch, time, size]
    x = model.tensor(shape, "float32")
    inputs = [x]
    for n in units:
        inputs += [model.weights([n, size], "float32"), model.weights([n, n], "float32"),
                   model.weights([n], "float32"),
                   model.tensor([batch, n], "float32", variable=True)]
    fed = [x]
    if "links" in parts:
        fed.append(model.tensor(shape, "float32"))
        inputs += [fed[1]] + [model.weights([n, size], "float32") for n in units]
    else:
        inputs += [-1] * 3
    merged = "merged" in parts
    y = [model.tensor(shape[:2] + [n], "float32") for n in ([sum(units)] if merged else units)]
    options = options_of("BidirectionalSequenceRNNOptions", fusedActivationFunction=4,
                         timeMajor=major, mergeOutputs=merged)
    return model.finish("BIDIRECTIONAL_SEQUENCE_RNN", 3, inputs, y, fed, options)


def svdf(kind, parts, batch=2, size=5, units=3, rank=2, memory=4):
    model = Model()
    filters = units * rank
    integer = kind == "integer"
    if integer:
        x = model.tensor([batch, size], "int8", 0.02, 4)
        features = model.tensor([filters, size], "int8", 0.01, 0,
                                random.integers(-127, 128, [filters, size]))
        time = model.tensor([filters, memory], "int16", 2.0 ** -13, 0,
                            random.integers(-8000, 8000, [filters, memory]))
        bias = model.tensor([units], "int32", 2.0 ** -25, 0, random.integers(-9999, 9999, units))
        state = model.tensor([batch, filters * memory], "int16", 2.0 ** -12, 0, variable=True)
        y = model.tensor([batch, units], "int8", 0.05, -9)
    else:
        x = model.tensor([batch, size], "float32")
        features, time = model.weights([filters, size], kind), model.weights([filters, memory], kind)
        bias = model.weights([units], "float32")
        state = model.tensor([batch, filters * memory], "float32", variable=True)
        y = model.tensor([batch, units], "float32")
    options = options_of("SVDFOptions", rank=rank, fusedActivationFunction=1 if integer else 0,
                         asymmetricQuantizeInputs="asymmetric" in parts)
    return model.finish("SVDF", 4, [x, features, time, bias, state], [y], [x], options)


def cases():
    unidirectional = "UNIDIRECTIONAL_SEQUENCE_LSTM"
    for kind in ("float32", "int8"):
        for parts in ("", "time_major", "cifg peephole asymmetric", "projection clip asymmetric",
                      "norm peephole projection", "cifg norm time_major"):
            yield f"{unidirectional} {kind} {parts}", float_lstm(unidirectional, kind, parts)
        for parts in ("asymmetric", "norm cifg projection peephole"):
            yield f"LSTM {kind} {parts}", float_lstm("LSTM", kind, parts)
    yield f"{unidirectional} uint8", float_lstm(unidirectional, "uint8", "")
    yield f"{unidirectional} diagonal", float_lstm(unidirectional, "float32", "diagonal")
    for op in (unidirectional, "LSTM"):
        for parts in ("", "cifg time_major", "peephole clip", "projection clip", "norm",
                      "norm peephole cifg", "norm projection"):
            yield f"{op} integer {parts}", integer_lstm(op, parts)
        for scale in (-15, -9):
            yield f"{op} integer scale {scale}", integer_lstm(op, "", scale=scale)
    yield (f"{unidirectional} integer long",
           integer_lstm(unidirectional, "peephole norm", time=70, cells=18), 1)
    for kind, parts in (("float32", ""), ("int8", "asymmetric"), ("int8", "time_major")):
        yield (f"{unidirectional} {kind} {parts} long",
               float_lstm(unidirectional, kind, parts, time=50), 1)
    for parts in ("cifg norm projection narrow", "cifg norm projection narrow clip"):
        yield f"LSTM integer {parts}", integer_lstm("LSTM", parts, scale=-15), 1
    for kind in ("float32", "uint8"):
        yield f"LSTM basic {kind}", basic_lstm(kind)
    for kind in ("float32", "int8"):
        for parts in ("", "time_major merged", "aux peephole", "links cifg",
                      "links projection asymmetric time_major"):
            yield f"BIDIRECTIONAL_SEQUENCE_LSTM {kind} {parts}", two_way_lstm(kind, parts)
    for kind in ("float32", "int8"):
        for parts in ("", "time_major asymmetric"):
            yield f"RNN {kind} {parts}", rnn("RNN", kind, parts)
            yield (f"UNIDIRECTIONAL_SEQUENCE_RNN {kind} {parts}",
                   rnn("UNIDIRECTIONAL_SEQUENCE_RNN", kind, parts))
    for parts in ("", "time_major merged", "links", "links time_major merged"):
        yield f"BIDIRECTIONAL_SEQUENCE_RNN {parts}", two_way_rnn(parts)
    for kind in ("float32", "int8", "integer"):
        for parts in ("", "asymmetric"):
            yield f"SVDF {kind} {parts}", svdf(kind, parts)


def values_for(detail):
    kind = np.dtype(detail["dtype"])
    if kind == np.float32:
        return random.normal(size=detail["shape"]).astype(kind)
    limits = np.iinfo(kind)
    return random.integers(limits.min, limits.max + 1, detail["shape"]).astype(kind)


def block(data):
    return struct.pack("<I", len(data)) + data


def record(name, model, invocations=3):
    runtime = interpreter.Interpreter(
        model_content=model,
        experimental_op_resolver_type=interpreter.OpResolverType.BUILTIN_REF)
    runtime.allocate_tensors()
    result = block(name.strip().encode()) + block(model) + struct.pack("<I", invocations)
    for _ in range(invocations):
        for detail in runtime.get_input_details():
            values = values_for(detail)
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
