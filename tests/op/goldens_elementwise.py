# SPDX-License-Identifier: Apache-2.0
"""Prints elementwise_goldens.inc: cases of quantised and integer operators with the answers of LiteRT's
reference kernels (resolver BUILTIN_REF; BUILTIN without delegates where that has no kernel).

    python3 goldens_elementwise.py > elementwise_goldens.inc

needs numpy, flatbuffers and ai-edge-litert.
"""
import flatbuffers
import numpy as np
from ai_edge_litert import interpreter, schema_py_generated as schema

TYPES = {"int8": "INT8", "uint8": "UINT8", "int16": "INT16", "int32": "INT32"}
SEED = 7


class Tensor:
    def __init__(self, kind, values, scale=None, zero=0):
        self.kind, self.scale, self.zero = kind, scale and float(np.float32(scale)), int(zero)
        self.values = None if values is None else np.asarray(values, kind)


def options_of(name, fields):
    if name is None:
        return None
    table = getattr(schema, name + "T")()
    for key, value in fields.items():
        head, *rest = key.split("_")
        setattr(table, head + "".join(word.title() for word in rest), value)
    return table


def build(op, version, inputs, output, options):
    model, graph, node = schema.ModelT(), schema.SubGraphT(), schema.OperatorT()
    code = schema.OperatorCodeT()
    code.builtinCode = getattr(schema.BuiltinOperator, op)
    code.deprecatedBuiltinCode, code.version = min(code.builtinCode, 127), version
    graph.tensors = []
    for source in [*inputs, output]:
        tensor = schema.TensorT()
        tensor.type = getattr(schema.TensorType, TYPES[source.kind])
        tensor.shape = [] if source.values is None else list(source.values.shape)
        if source.scale:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale = [source.scale]
            tensor.quantization.zeroPoint = [source.zero]
        graph.tensors.append(tensor)
    graph.inputs = node.inputs = list(range(len(inputs)))
    graph.outputs = node.outputs = [len(inputs)]
    if options is not None:
        node.builtinOptions = options
        node.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
    graph.operators, model.version = [node], 3
    model.operatorCodes, model.subgraphs, model.buffers = [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def answer(model, inputs):
    resolvers = interpreter.OpResolverType
    for resolver in (resolvers.BUILTIN_REF, resolvers.BUILTIN_WITHOUT_DEFAULT_DELEGATES):
        try:
            run = interpreter.Interpreter(model_content=model,
                                          experimental_op_resolver_type=resolver)
        except ValueError:
            continue
        run.allocate_tensors()
        for detail, tensor in zip(run.get_input_details(), inputs):
            run.set_tensor(detail["index"], tensor.values)
        run.invoke()
        return run.get_tensor(run.get_output_details()[0]["index"])
    raise ValueError("no kernel")


def literal(tensor, values):
    flat = ", ".join(str(int(v)) for v in np.atleast_1d(values).reshape(-1))
    shape = ", ".join(str(n) for n in np.shape(values)) or "0"
    scale = f", .scale = {np.float32(tensor.scale)!s}f" if tensor.scale else ""
    zero = f", .zero_point = {tensor.zero}" if tensor.zero else ""
    if tensor.kind == "bool":
        kind, c_type = "MIDGE_BOOL", "bool"
    else:
        kind, c_type = "MIDGE_" + TYPES[tensor.kind], tensor.kind + "_t"
    return (f"{{.type = {kind}, .rank = {np.ndim(values)}, .shape = {{{shape}}}{scale}{zero},\n"
            f"      .data = (const {c_type}[]){{{flat}}}}}")


def emit(op, version, inputs, output, table=None, **fields):
    options = options_of(table, fields)
    result = answer(build(op, version, inputs, output, options), inputs)
    print(f"{{.op = MG_BUILTIN_{op}, .version = {version},")
    if table:
        chosen = ", ".join(f".{k} = {str(v).lower()}" for k, v in fields.items())
        print(f" .options_type = MG_OPTIONS_{table}, .options = &(const mg_{table}){{{chosen}}},")
    print(f" .input_count = {len(inputs)}, .output_count = 1,")
    print(" .inputs = {" + ",\n     ".join(literal(t, t.values) for t in inputs) + "},")
    print(" .outputs = {" + literal(output, result) + "}},")


class Draw:
    def __init__(self):
        self.random = np.random.default_rng(SEED)

    def values(self, kind, shape=(2, 5), least=None, most=None):
        limits = np.iinfo(kind)
        least = limits.min if least is None else least
        most = limits.max if most is None else most
        drawn = self.random.integers(least, most + 1, shape)
        drawn.reshape(-1)[:2] = least, most
        return drawn

    def scale(self, low=-2.5, high=-0.5):
        return 10 ** self.random.uniform(low, high)

    def zero(self, kind):
        limits = np.iinfo(kind)
        return 0 if kind in ("int16", "int32") else self.random.integers(limits.min + 20, limits.max - 20)

    def tensor(self, kind, shape=(2, 5), scale=None, **limits):
        return Tensor(kind, self.values(kind, shape, **limits), scale or self.scale(),
                      self.zero(kind))

    def output(self, kind, scale=None, zero=None):
        return Tensor(kind, None, scale or self.scale(), self.zero(kind) if zero is None else zero)


def pairs(draw):
    for kind in ("int8", "uint8", "int16"):
        for op, table in (("ADD", "AddOptions"), ("SUB", "SubOptions")):
            for shape, act in (((2, 5), 0), ((5,), 3), ((2, 1), 1)):
                a, b = draw.tensor(kind), draw.tensor(kind, shape)
                out = draw.output(kind, max(a.scale, b.scale) * draw.random.uniform(1, 2))
                emit(op, 3, [a, b], out, table, fused_activation_function=act,
                     pot_scale_int16=False)
        for shape, act in (((2, 5), 0), ((5,), 2)):
            a, b = draw.tensor(kind), draw.tensor(kind, shape)
            out = draw.output(kind, a.scale * b.scale * (60 if kind != "int16" else 9000))
            emit("MUL", 4, [a, b], out, "MulOptions", fused_activation_function=act)
        a, b = draw.tensor(kind), draw.tensor(kind, (1, 5))
        b.zero = np.iinfo(kind).min if kind != "int16" else 0
        b.values = np.maximum(b.values, b.zero + 9).astype(kind)
        emit("DIV", 2, [a, b], draw.output(kind, a.scale / b.scale / 8), "DivOptions",
             fused_activation_function=0)
    a, b = draw.tensor("int8"), draw.tensor("int8", (5,))
    emit("SQUARED_DIFFERENCE", 2, [a, b], draw.output("int8", max(a.scale, b.scale) ** 2 * 200))
    for op, table in (("ADD", "AddOptions"), ("SUB", "SubOptions")):
        for left, right in ((-10, -13), (-12, -10)):
            a = draw.tensor("int16", scale=2.0 ** left)
            b = draw.tensor("int16", scale=2.0 ** right)
            emit(op, 3, [a, b], draw.output("int16", 2.0 ** -10), table,
                 fused_activation_function=0, pot_scale_int16=True)
    for kind in ("int8", "uint8"):
        emit("MUL", 4, [draw.tensor("int16"), draw.tensor("int16")], draw.output(kind),
             "MulOptions", fused_activation_function=0)
    for kind, alpha in (("int8", "int8"), ("uint8", "uint8"), ("int16", "int8")):
        emit("PRELU", 1, [draw.tensor(kind), draw.tensor(alpha, (5,))], draw.output(kind))
    for kind in ("int8", "uint8"):
        for op in ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"):
            a = draw.tensor(kind, scale=0.5, least=40, most=44)
            b = Tensor(kind, draw.values(kind, (5,), 40, 44), 0.25, a.zero)
            out = Tensor("bool", None)
            emit_comparison(op, a, b, out)


def emit_comparison(op, a, b, out):
    TYPES["bool"] = "BOOL"
    emit(op, 2, [a, b], out)
    del TYPES["bool"]


def singles(draw):
    for op, version, kinds in (("RELU", 2, ("int8", "uint8", "int16")),
                               ("RELU6", 2, ("int8", "uint8", "int16")),
                               ("RELU_N1_TO_1", 1, ("int8", "uint8")),
                               ("RELU_0_TO_1", 1, ("int8", "uint8")),
                               ("HARD_SWISH", 1, ("int8", "uint8")),
                               ("ABS", 3, ("int8", "int16"))):
        for kind in kinds:
            x = draw.tensor(kind)
            emit(op, version, [x], draw.output(kind, x.scale * 0.7))
    for kind in ("int8", "uint8", "int16"):
        for alpha in (0.1, -1.5):
            x = draw.tensor(kind)
            emit("LEAKY_RELU", 2, [x], draw.output(kind, x.scale * 1.3), "LeakyReluOptions",
                 alpha=alpha)
        x = draw.tensor(kind, scale=0.05 if kind != "int16" else 3e-4)
        fixed = 1 / 32768 if kind == "int16" else None
        emit("LOGISTIC", 3, [x], draw.output(kind, fixed or 1 / 256,
                                             -128 if kind == "int8" else 0))
        emit("TANH", 3, [x], draw.output(kind, fixed or 1 / 128))
        for approximate in (False, True):
            emit("GELU", 2, [x], draw.output(kind, x.scale), "GeluOptions",
                 approximate=approximate)
    for scale in (2.0 ** -12, 2.0 ** -11):
        x = draw.tensor("int16", scale=scale)
        emit("TANH", 3, [x], draw.output("int16", 1 / 32768))
        emit("LOGISTIC", 3, [x], draw.output("int16", 1 / 32768))
    emit("ELU", 1, [draw.tensor("int8", scale=0.04)], draw.output("int8", 0.04))
    for kind, scale in (("int8", 0.02), ("int16", 1e-4)):
        x = draw.tensor(kind, scale=scale)
        emit("EXP", 2, [x], draw.output(kind, 0.2 if kind == "int8" else 1e-3))
        positive = draw.tensor(kind, scale=scale, least=0)
        positive.zero = 0
        emit("LOG", 2, [positive], draw.output(kind, scale))
        emit("SQRT", 2, [positive], draw.output(kind, scale / 2))
        emit("RSQRT", 3, [positive], draw.output(kind, 0.2 if kind == "int8" else 3e-3))
    for source, target in (("int8", "int8"), ("int8", "uint8"), ("uint8", "int8"),
                           ("int8", "int16"), ("uint8", "int16"), ("int16", "int8"),
                           ("int16", "int16"), ("int16", "int32"), ("int32", "int8"),
                           ("int32", "int16")):
        x = draw.tensor(source)
        emit("QUANTIZE", 3, [x], draw.output(target, x.scale * draw.random.uniform(0.4, 3)))


def main():
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made by goldens_elementwise.py with LiteRT; do not edit. */")
    print("/* clang-format off */")
    draw = Draw()
    pairs(draw)
    singles(draw)


main()
