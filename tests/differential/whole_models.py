# SPDX-License-Identifier: Apache-2.0
"""Whole model files: midge against the reference runtime and against itself.

Integers must equal the reference kernels; where those lack an operator, the optimised kernels
without XNNPACK stand in. Floats may be off by 1e-4 of the tensor's largest magnitude. Where a model
quantises activations as it runs, the last bit of a sum decides on which side of a rounding boundary
one of them falls, and floats may be off by one of its 127 steps; LiteRT's own two sets of kernels
are two steps apart there. Two threads must give the bits of one, and every tier the integers of the
reference tier.
"""
import numpy as np

import verdict
from litert import Refusal
from midge_process import Failure

FLOAT_SHARE = 1e-4
STEP_SHARE = 1 / 127
INDEX_KINDS = ("int32", "int64", "uint32", "uint64")


def random_inputs(described, seed):
    """Inputs for (name, shape, kind) triples; None when a kind has no random values."""
    random = np.random.default_rng(seed)
    made = []
    for _, shape, kind in described:
        if kind.startswith("float"):
            made.append(random.uniform(-1, 1, shape).astype(kind))
        elif kind in INDEX_KINDS:  # positions or divisors: small and not 0 suits both
            made.append(random.integers(1, 4, shape).astype(kind))
        elif kind in ("bool", "bool_"):
            made.append(random.integers(0, 2, shape).astype(np.bool_))
        elif kind in ("int8", "uint8", "int16"):
            limits = np.iinfo(kind)
            made.append(random.integers(limits.min, limits.max, shape, endpoint=True, dtype=kind))
        else:
            return None
    return made


def rounds_activations(operators):
    """Whether one takes float activations and integer weights."""
    return any(len(taken) > 1 and taken[0] == given[0] == "float32" and taken[1] == "int8"
               for name, taken, given in operators if name not in ("GATHER", "EMBEDDING_LOOKUP"))


def fault(got, wanted, bound=FLOAT_SHARE):
    """What is wrong with an output, "" when it is right."""
    if wanted.dtype.kind == "f" and got.dtype == wanted.dtype and got.shape == wanted.shape:
        unlike = np.isfinite(got) != np.isfinite(wanted)
        share = verdict.distance(got, wanted)
        if unlike.any() or share > bound:
            return f"floats off by {share:.2g} of the largest, bound {bound:.2g}"
        return ""
    return verdict.difference(got, wanted)


class Row:
    """One line of the table."""

    def __init__(self, name):
        self.name, self.state, self.target, self.text = name, "passed", "-", ""
        self.share, self.exact, self.bound = 0.0, True, FLOAT_SHARE

    def end(self, state, text):
        self.state, self.text = state, text
        return self

    def note(self, got, wanted):
        if wanted.dtype.kind == "f":
            self.exact = self.exact and verdict.same_bits(got, wanted)
            self.share = max(self.share, verdict.distance(got, wanted))

    def line(self, width):
        result = self.text
        if self.state == "passed":
            result = "equal" if self.exact else f"floats within {self.share:.1g}"
        return f"{self.name.ljust(width)}  {self.target.ljust(9)}  {self.state.ljust(7)}  {result}"


def what_midge_does(midge, path):
    """Of a model that the reference runtime refuses: midge may run it or say no, not crash."""
    try:
        midge.run(midge.stage(path, []) + ["--seed", "1"])
        return "midge runs it", True
    except Failure as failure:
        return f"midge: {failure}", not failure.crashed


def reference_outputs(reference, path, inputs):
    """(outputs, kernels that gave them)."""
    try:
        return reference.run(str(path), "ref", inputs), "reference"
    except Refusal:
        return reference.run(str(path), "plain", inputs), "optimised"


def check_seed(row, reference, midge, path, inputs, configurations):
    """Adds one set of inputs to the row; True while all is right."""
    staged = midge.stage(path, inputs)
    wanted, row.target = reference_outputs(reference, path, inputs)
    earlier = {}
    for kernels, threads in configurations:
        try:
            outputs = midge.run(staged, kernels, threads)
        except Failure as failure:
            row.end("failed", f"{kernels}, {threads} threads: {failure}")
            return False
        if len(outputs) != len(wanted):
            row.end("failed", f"{len(outputs)} outputs, expected {len(wanted)}")
            return False
        for number, (got, right) in enumerate(zip(outputs, wanted)):
            wrong = fault(got, right, row.bound)
            before = earlier.setdefault((kernels, number), got)
            if not wrong and not verdict.same_bits(before, got):
                wrong = "other bits than with one thread"
            if wrong:
                row.end("failed", f"{kernels}, {threads} threads, output {number}: {wrong}")
                return False
            row.note(got, right)
    return True


def description(reference, path):
    """(name, shape, kind) of the model's inputs, and its operators."""
    try:
        return reference.inputs(str(path), "ref"), reference.operators(str(path), "ref")
    except Refusal:
        return reference.inputs(str(path), "plain"), reference.operators(str(path), "plain")


def check_model(reference, midge, path, configurations, seeds, seed):
    row = Row(path.name)
    try:
        described, operators = description(reference, path)
        if rounds_activations(operators):
            row.bound = STEP_SHARE
        for number in range(seeds):
            inputs = random_inputs(described, seed + number)
            if inputs is None:
                kinds = sorted({kind for _, _, kind in described})
                return row.end("skipped", f"no random inputs of types {', '.join(kinds)}")
            if not check_seed(row, reference, midge, path, inputs, configurations):
                return row
    except Refusal as refusal:
        text, fine = what_midge_does(midge, path)
        reason = str(refusal).splitlines()[0][:90]
        return row.end("skipped" if fine else "failed",
                       f"the reference runtime refuses it ({reason}); {text}")
    except Failure as failure:
        return row.end("failed", str(failure))
    return row


def campaign(reference, midge, paths, configurations, seeds, seed):
    """Prints a line a model as it is done; returns the rows."""
    width = max(len(path.name) for path in paths)
    print(f"{'model'.ljust(width)}  {'kernels'.ljust(9)}  {'verdict'.ljust(7)}  outputs")
    rows = []
    for path in paths:
        rows.append(check_model(reference, midge, path, configurations, seeds, seed))
        print(rows[-1].line(width), flush=True)
    return rows
