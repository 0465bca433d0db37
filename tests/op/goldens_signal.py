# SPDX-License-Identifier: Apache-2.0
"""Writes signal_goldens.bin: models of one operator of the audio front end with the answers of
tflite-micro over several invocations.

    python3 goldens_signal.py signal_goldens.bin

needs numpy, flatbuffers, ai-edge-litert (for its schema) and tflite-micro. The layout of the file is told
in golden_file.h.
"""
import struct
import sys

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers
from tflite_micro.python.tflite_micro import runtime

TYPES = {"float32": 0, "int32": 2, "bool": 6, "int16": 7, "uint64": 12, "uint32": 15}
FLOAT32, INT32, INT16 = 0, 2, 7
random = np.random.default_rng(41)


def build(name, inputs, outputs, options):
    """Inputs are arrays, fed, or constants in a list of one; outputs are (kind, shape)."""
    model, graph, node, code = (schema.ModelT(), schema.SubGraphT(), schema.OperatorT(),
                                schema.OperatorCodeT())
    model.buffers, graph.tensors, graph.inputs = [schema.BufferT()], [], []
    for source in [*inputs, *outputs]:
        tensor = schema.TensorT()
        values = source[0] if isinstance(source, list) else source
        kind, shape = source if isinstance(source, tuple) else (values.dtype.name, values.shape)
        tensor.type, tensor.shape, tensor.buffer = TYPES[kind], list(shape), 0
        if isinstance(source, list):
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            model.buffers.append(buffer)
            tensor.buffer = len(model.buffers) - 1
        elif not isinstance(source, tuple):
            graph.inputs.append(len(graph.tensors))
        graph.tensors.append(tensor)
    node.inputs = list(range(len(inputs)))
    node.outputs = graph.outputs = list(range(len(inputs), len(graph.tensors)))
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = name, 1
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in options.items():
            builder.Key(key)
            {bool: builder.Bool, int: builder.Int}[type(value)](value)
    node.customOptions = np.frombuffer(bytes(builder.Finish()), np.uint8)
    graph.operators, model.version = [node], 3
    model.operatorCodes, model.subgraphs = [code], [graph]
    packed = flatbuffers.Builder(1024)
    packed.Finish(model.Pack(packed), b"TFL3")
    return bytes(packed.Output())


def samples(shape, most=32767):
    return random.integers(-most, most + 1, shape).astype(np.int16)


def energies(shape, bits=32):
    return (random.random(shape) ** 4 * (2 ** bits - 1)).astype(np.uint32)


def spectra():
    for shift in (12, 15):
        rows = [samples((2, 30)) for _ in range(2)]
        yield ("SignalWindow", [rows[0], [samples(30)]], [("int16", (2, 30))], {"shift": shift},
               [[row] for row in rows])
    streams = [samples(40, most) for most in (1, 100, 5000, 32767)] + [np.zeros(40, np.int16)]
    yield ("SignalFftAutoScale", [streams[0]], [("int16", (40,)), ("int32", ())], {},
           [[stream] for stream in streams])
    yield ("SignalEnergy", [samples(34)], [("uint32", (17,))], {"start_index": 0, "end_index": 17},
           [[samples(34)] for _ in range(2)])
    for kind, tag in (("int16", INT16), ("int32", INT32), ("float32", FLOAT32)):
        for count, length in ((4, 4), (20, 32), (12, 12), (30, 30), (40, 40), (50, 64), (36, 36)):
            if kind == "float32" and length & (length - 1):
                continue

            def row(size):
                if kind == "int16":
                    return samples((1, size))
                if kind == "int32":
                    return random.integers(-2 ** 30, 2 ** 30, (1, size)).astype(np.int32)
                return random.normal(size=(1, size)).astype(np.float32)

            options = {"T": tag, "fft_length": length}
            yield ("SignalRfft", [row(count)], [(kind, (1, length + 2))], options,
                   [[row(count)] for _ in range(2)])
            yield ("SignalIrfft", [row(length + 2)], [(kind, (1, length))], options,
                   [[row(length + 2)] for _ in range(2)])


def filter_banks():
    channels = 9
    parts = [[random.integers(0, 4097, 60).astype(np.int16)] for _ in range(2)]
    parts += [[np.sort(random.integers(0, 40, channels + 1)).astype(np.int16)],
              [random.integers(0, 40, channels + 1).astype(np.int16)],
              [random.integers(0, 20, channels + 1).astype(np.int16)]]
    yield ("SignalFilterBank", [energies(60), *parts], [("uint64", (channels,))],
           {"num_channels": channels}, [[energies(60)] for _ in range(2)])
    edges = np.array([0, 1, 2, 3, 2 ** 32 - 1, 2 ** 32, 2 ** 64 - 1, 2 ** 32 - 2], np.uint64)
    sums = np.concatenate([edges, np.exp2(random.random(30) * 63.9).astype(np.uint64)])
    yield ("SignalFilterBankSquareRoot", [sums, np.array(0, np.int32)], [("uint32", sums.shape)],
           {}, [[sums, np.array(shift, np.int32)] for shift in (0, 3, 15)])
    for clamping in (False, True):
        options = {"alternate_one_minus_smoothing": 15401, "alternate_smoothing": 983,
                   "clamping": clamping, "min_signal_remaining": 819, "num_channels": 10,
                   "one_minus_smoothing": 15975, "smoothing": 409, "smoothing_bits": 10,
                   "spectral_subtraction_bits": 14}
        yield ("SignalFilterBankSpectralSubtraction", [energies(10, 22)],
               [("uint32", (10,)), ("uint32", (10,))], options,
               [[energies(10, 22)] for _ in range(5)])
    gains = np.sort(random.integers(0, 32767, 125))[::-1].astype(np.int16)
    gains[3:] //= np.resize([1, 8, 64, 512], 122).astype(np.int16)
    noise = np.concatenate([np.arange(20, dtype=np.uint32), energies(40)])
    yield ("SignalPCAN", [energies(60), noise, [gains]], [("uint32", (60,))], {"snr_shift": 6},
           [[energies(60), noise] for _ in range(2)])
    for scale, bits in ((64, 3), (1600, 0)):
        values = np.concatenate([np.arange(4, dtype=np.uint32), energies(60)])
        yield ("SignalFilterBankLog", [values], [("int16", values.shape)],
               {"output_scale": scale, "input_correction_bits": bits}, [[values]])


def streams():
    for delay in (0, 5, 16, 40):
        yield ("SignalDelay", [samples((2, 16))], [("int16", (2, 16))], {"delay_length": delay},
               [[samples((2, 16))] for _ in range(5)])
    for size, step, count, prefill in ((8, 4, 4, True), (8, 4, 16, True), (10, 4, 12, True),
                                       (4, 4, 8, False)):
        yield ("SignalFramer", [samples((2, count))],
               [("int16", (2, count // step, size)), ("bool", ())],
               {"frame_size": size, "frame_step": step, "prefill": prefill},
               [[samples((2, count))] for _ in range(5)])
    for left, right, step, runs in ((0, 0, 1, 4), (3, 0, 1, 4), (2, 0, 2, 1)):
        size = 4 * (left + right + 1)
        yield ("SignalStacker", [samples(4)], [("int16", (size,)), ("bool", ())],
               {"num_channels": 4, "stacker_left_context": left, "stacker_right_context": right,
                "stacker_step": step}, [[samples(4)] for _ in range(runs)])
    for kind, tag in (("int16", INT16), ("float32", FLOAT32)):
        frames = [samples((2, 3, 8)) if kind == "int16"
                  else random.normal(size=(2, 3, 8)).astype(np.float32) for _ in range(4)]
        yield ("SignalOverlapAdd", [frames[0]], [(kind, (2, 12))], {"T": tag, "frame_step": 4},
               [[frame] for frame in frames])


def block(data):
    return struct.pack("<I", len(data)) + data


def record(name, inputs, outputs, options, invocations):
    content = build(name, inputs, outputs, options)
    interpreter = runtime.Interpreter.from_bytes(content, arena_size=1 << 20)
    shown = " ".join(str(value) for value in options.values())
    result = block(f"{name} {shown}".encode()) + block(content)
    result += struct.pack("<I", len(invocations))
    for fed in invocations:
        for number, values in enumerate(fed):
            interpreter.set_input(values, number)
            result += block(values.tobytes())
        interpreter.invoke()
        for number in range(len(outputs)):
            result += block(interpreter.get_output(number).tobytes())
    return result


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as file:
        for family in (spectra, filter_banks, streams):
            for case in family():
                file.write(record(*case))
