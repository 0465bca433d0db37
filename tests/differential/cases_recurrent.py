# SPDX-License-Identifier: Apache-2.0
"""Operators with state between runs: each case runs several times and the last result counts."""
import numpy as np

from case import ABSENT, SUMMED, Case, constant, covers, options, result, variable
from tflite_build import Quantization

RUNS = 3


def matrix(draw, form, shape):
    """Weights that keep a recurrence from growing."""
    values = draw.random.normal(0, 0.5 / np.sqrt(shape[-1]), shape)
    if form == "float32":
        return constant("float32", values)
    how = Quantization.of(max(np.abs(values).max() / 127, 1e-6))
    return constant("int8", np.round(values / how.scale[0]).clip(-127, 127), how)


def vector(draw, size):
    return constant("float32", draw.random.normal(0, 0.3, size))


@covers("SVDF", cases=14)
def svdf(draw, op):
    form = draw.one("float32", "hybrid", "int8")
    rank, batch, depth = draw.integer(1, 3), draw.integer(1, 3), draw.size(12)
    units, memory = draw.integer(1, 6), draw.integer(2, 9)
    filters = rank * units
    settings = options("SVDFOptions", rank=rank, fusedActivationFunction=draw.one(0, 1),
                       asymmetricQuantizeInputs=False)
    if form != "int8":
        kind = "float32" if form == "float32" else "int8"
        inputs = [draw.tensor("float32", [batch, depth]), matrix(draw, kind, [filters, depth]),
                  matrix(draw, kind, [filters, memory]),
                  vector(draw, units) if draw.chance(0.7) else ABSENT,
                  variable("float32", [batch, memory * filters])]
        return Case(op, inputs, [result("float32")], settings, 2 if form == "hybrid" else 1,
                    bound=SUMMED, repeat=RUNS)
    settings.fusedActivationFunction = 1
    source = draw.quantization("int8", draw.real(0.01, 0.05))
    feature, time = Quantization.of(draw.real(0.005, 0.02)), Quantization.of(draw.real(1e-4, 1e-3))
    state = Quantization.of(draw.real(1e-3, 5e-3))
    inputs = [draw.tensor("int8", [batch, depth], source),
              constant("int8", draw.random.integers(-127, 128, [filters, depth]), feature),
              constant("int16", draw.random.integers(-2000, 2000, [filters, memory]), time),
              constant("int32", draw.random.integers(-5000, 5000, units),
                       Quantization.of(state.scale[0] * time.scale[0])),
              variable("int16", [batch, memory * filters], state)]
    return Case(op, inputs, [result("int8", draw.quantization("int8", draw.real(0.01, 0.1)))],
                settings, 3, bound=SUMMED, repeat=RUNS)


@covers("RNN", "UNIDIRECTIONAL_SEQUENCE_RNN", cases=10)
def plain_recurrence(draw, op):
    form = draw.one("float32", "int8")
    batch, time, depth, units = (draw.integer(1, 3), draw.integer(1, 4), draw.size(9),
                                 draw.integer(1, 9))
    major = draw.chance(0.5)
    shape, name, fields = [batch, depth], "RNNOptions", {}
    if op != "RNN":
        shape = [time, batch, depth] if major else [batch, time, depth]
        name, fields = "SequenceRNNOptions", {"timeMajor": major}
    settings = options(name, fusedActivationFunction=draw.one(0, 1, 3),
                       asymmetricQuantizeInputs=form == "int8" and draw.chance(0.5), **fields)
    inputs = [draw.tensor("float32", shape), matrix(draw, form, [units, depth]),
              matrix(draw, form, [units, units]), vector(draw, units),
              variable("float32", [batch, units])]
    return Case(op, inputs, [result("float32")], settings, 3 if form == "int8" else 1,
                bound=SUMMED, repeat=RUNS)


@covers("LSTM", "UNIDIRECTIONAL_SEQUENCE_LSTM", cases=14)
def lstm(draw, op):
    """Float and hybrid, with or without peepholes, projection, layer norm and coupled gates."""
    form = draw.one("float32", "int8")
    batch, time, depth, cells = (draw.integer(1, 3), draw.integer(1, 4), draw.size(8),
                                 draw.integer(2, 9))
    projected = draw.chance(0.3)
    units = draw.integer(1, cells) if projected else cells
    coupled, peephole, normed = draw.chance(0.3), draw.chance(0.3), draw.chance(0.3)
    gates = [not coupled, True, True, True]  # input, forget, cell, output

    def per_gate(make, wanted=True):
        return [make() if gate and wanted else ABSENT for gate in gates]

    major = draw.chance(0.5)
    shape = [batch, depth]
    if op != "LSTM":
        shape = [time, batch, depth] if major else [batch, time, depth]
    inputs = [draw.tensor("float32", shape),
              *per_gate(lambda: matrix(draw, form, [cells, depth])),
              *per_gate(lambda: matrix(draw, form, [cells, units]))]
    for gate in (not coupled, True, True):  # peepholes: input, forget, output
        inputs.append(matrix(draw, form, [cells]) if peephole and gate else ABSENT)
    inputs += per_gate(lambda: vector(draw, cells))
    inputs.append(matrix(draw, form, [units, cells]) if projected else ABSENT)
    inputs.append(vector(draw, units) if projected and draw.chance(0.5) else ABSENT)
    inputs += [variable("float32", [batch, units]), variable("float32", [batch, cells])]
    inputs += per_gate(lambda: vector(draw, cells), normed)
    fields = dict(fusedActivationFunction=4, cellClip=draw.one(0.0, 3.0),
                  projClip=draw.one(0.0, 2.0) if projected else 0.0,
                  asymmetricQuantizeInputs=form == "int8" and draw.chance(0.5))
    if op == "LSTM":
        settings = options("LSTMOptions", kernelType=0, **fields)
    else:
        settings = options("UnidirectionalSequenceLSTMOptions", timeMajor=major, **fields)
    return Case(op, inputs, [result("float32")], settings, 4 if op == "LSTM" else 3,
                bound=SUMMED, repeat=RUNS)


@covers("BIDIRECTIONAL_SEQUENCE_RNN", cases=8)
def bidirectional_rnn(draw, op):
    form = draw.one("float32", "int8")
    batch, time, depth = draw.integer(1, 3), draw.integer(1, 4), draw.size(6)
    # Time first with int8 weights, the reference runs its steps more than once.
    major = form == "float32" and draw.chance(0.5)
    inputs = [draw.tensor("float32", [time, batch, depth] if major else [batch, time, depth])]
    for _ in range(2):
        units = draw.integer(1, 6)
        inputs += [matrix(draw, form, [units, depth]), matrix(draw, form, [units, units]),
                   vector(draw, units), variable("float32", [batch, units])]
    settings = options("BidirectionalSequenceRNNOptions", timeMajor=major, mergeOutputs=False,
                       fusedActivationFunction=draw.one(0, 1, 3),
                       asymmetricQuantizeInputs=form == "int8" and draw.chance(0.5))
    return Case(op, [*inputs, ABSENT, ABSENT, ABSENT], [result("float32"), result("float32")],
                settings, 3 if form == "int8" else 1, bound=SUMMED, repeat=RUNS)


@covers("BIDIRECTIONAL_SEQUENCE_LSTM", cases=8)
def bidirectional_lstm(draw, op):
    """Both directions with all four gates, with or without projection; no auxiliary input."""
    form = draw.one("float32", "int8")
    batch, time, depth = draw.integer(1, 2), draw.integer(1, 4), draw.size(6)
    major = draw.chance(0.5)
    inputs = [draw.tensor("float32", [time, batch, depth] if major else [batch, time, depth])]
    cells, projected = draw.integer(2, 6), draw.chance(0.3)
    units = draw.integer(1, cells) if projected else cells
    states = []
    for _ in range(2):
        inputs += [matrix(draw, form, [cells, depth]) for _ in range(4)]
        inputs += [matrix(draw, form, [cells, units]) for _ in range(4)]
        inputs += [ABSENT] * 3
        inputs += [vector(draw, cells) for _ in range(4)]
        inputs += [matrix(draw, form, [units, cells]) if projected else ABSENT, ABSENT]
        states += [variable("float32", [batch, units]), variable("float32", [batch, cells])]
    settings = options("BidirectionalSequenceLSTMOptions", timeMajor=major, mergeOutputs=False,
                       fusedActivationFunction=4, cellClip=draw.one(0.0, 3.0), projClip=0.0,
                       asymmetricQuantizeInputs=form == "int8" and draw.chance(0.5))
    return Case(op, [*inputs, *states, *[ABSENT] * 9], [result("float32"), result("float32")],
                settings, 3 if form == "int8" else 1, bound=SUMMED, repeat=RUNS)


@covers("LSTM_BASIC", cases=6)
def basic_lstm(draw, family):
    """The kernel of one weight matrix, which gets its state as inputs and gives it as outputs."""
    batch, depth, units = draw.integer(1, 3), draw.size(6), draw.integer(1, 6)
    inputs = [draw.tensor("float32", [batch, depth]), draw.tensor("float32", [batch, units]),
              matrix(draw, "float32", [4 * units, depth + units]), vector(draw, 4 * units),
              draw.tensor("float32", [batch, units])]
    settings = options("LSTMOptions", kernelType=1, fusedActivationFunction=4)
    return Case("LSTM", inputs, [result("float32") for _ in range(4)], settings, 2, bound=SUMMED)


@covers("LSTM_INTEGER", cases=14)
def integer_lstm(draw, family):
    """int8 activations and weights, int16 cell state: 24 inputs and five intermediates, which only
    carry scales."""
    batch, time, depth, cells = (draw.integer(1, 3), draw.integer(1, 4), draw.size(8),
                                 draw.integer(2, 9))
    normed, projected, coupled = draw.chance(0.4), draw.chance(0.3), draw.chance(0.2)
    peephole = draw.chance(0.3)
    # The reference applies peepholes to as many cells as there are outputs: fewer, when projected.
    units = draw.integer(1, cells) if projected and not peephole else cells
    gates = [not coupled, True, True, True]
    source = Quantization.of(draw.real(0.01, 0.05), draw.integer(-20, 20))
    state = Quantization.of(draw.real(0.005, 0.01), draw.integer(-20, 20))
    cell = Quantization.of(2.0 ** draw.integer(-13, -9))

    def weights(shape, kind="int8", scale=None):
        how = Quantization.of(scale or draw.real(0.002, 0.02))
        return constant(kind, draw.random.integers(-127, 128, shape), how)

    def per_gate(make, wanted=True):
        return [make() if gate and wanted else ABSENT for gate in gates]

    inputs = [draw.tensor("int8", [time, batch, depth], source),
              *per_gate(lambda: weights([cells, depth])),
              *per_gate(lambda: weights([cells, units]))]
    for gate in (not coupled, True, True):
        inputs.append(weights([cells], "int16", 2.0 ** -12) if peephole and gate else ABSENT)
    inputs += per_gate(lambda: constant("int32", draw.random.integers(-2000, 2000, cells),
                                        Quantization.of(1e-4)))
    projection = weights([units, cells]) if projected else ABSENT
    inputs += [projection, ABSENT, variable("int8", [batch, units], state),
               variable("int16", [batch, cells], cell)]
    inputs += per_gate(lambda: constant("int16", draw.random.integers(1000, 30000, cells),
                                        Quantization.of(2.0 ** -12)), normed)
    between = [result("int16", Quantization.of(draw.real(0.0005, 0.002)), [1]) for _ in range(4)]
    hidden = Quantization.of(draw.real(0.005, 0.01), draw.integer(-10, 10)) if projected else state
    between.append(result("int8", hidden, [1]))
    settings = options("UnidirectionalSequenceLSTMOptions", timeMajor=True,
                       fusedActivationFunction=4, cellClip=draw.one(0.0, 2.0), projClip=0.0)
    return Case("UNIDIRECTIONAL_SEQUENCE_LSTM", inputs, [result("int8", state)], settings, 3,
                intermediates=between, bound=SUMMED, repeat=RUNS)
