# SPDX-License-Identifier: Apache-2.0
"""Random one-operator models: midge against the reference runtime and against itself.

Cases travel in batches, many operators in one model. A batch that one side does not take is cut in
halves until the culprits are alone.
"""
import collections
import dataclasses

import case
import cases_arithmetic  # noqa: F401 (registers its families)
import cases_control  # noqa: F401
import cases_index  # noqa: F401
import cases_layers  # noqa: F401
import cases_lookup  # noqa: F401
import cases_movement  # noqa: F401
import cases_recurrent  # noqa: F401
import cases_windows  # noqa: F401
import verdict
from draw import Draw
from litert import Refusal
from midge_process import Failure


@dataclasses.dataclass
class Batch:
    cases: list
    outputs: list  # of all cases, in order, from the reference runtime

    def model(self):
        return case.assemble(self.cases, [value.shape for value in self.outputs])

    def halves(self):
        middle = (len(self.cases) + 1) // 2
        count = sum(len(item.outputs) for item in self.cases[:middle])
        yield Batch(self.cases[:middle], self.outputs[:count])
        if middle < len(self.cases):
            yield Batch(self.cases[middle:], self.outputs[count:])

    def split(self, outputs):
        """Pairs of a case and its part of `outputs`."""
        position = 0
        for item in self.cases:
            yield item, outputs[position:position + len(item.outputs)]
            position += len(item.outputs)


class Tally:
    """Counts by family, and the first failures of each."""
    SHOWN = 3

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.notes = collections.defaultdict(list)

    def add(self, item, state, note=""):
        family = item.name.split("#")[0]
        self.counts[family][state] += 1
        if note and (state == "failed" or not self.notes[family]):
            self.notes[family].append(f"{item.name}: {note}")

    def total(self, state):
        return sum(counts[state] for counts in self.counts.values())


def make_cases(families, seed, scale):
    for family in families:
        make, usual = case.FAMILIES[family]
        for number in range(max(2, round(usual * scale))):
            made = make(Draw(seed, family, number), family)
            made.name = f"{family}#{number}"
            yield made


def groups(cases, size):
    """Batches of cases that need the same number of runs and the same reference kernels."""
    waiting = collections.defaultdict(list)
    for item in cases:
        group = waiting[item.target, item.repeat]
        group.append(item)
        if len(group) == size:
            yield group[:]
            group.clear()
    yield from (group for group in waiting.values() if group)


def answered(reference, cases, tally):
    """Batches with the answers of the reference runtime; what it refuses is counted as skipped."""
    target, repeat = cases[0].target, cases[0].repeat
    inputs = case.feeds(cases)
    try:
        first = reference.run(case.assemble(cases), target, inputs, repeat)
        shapes = [value.shape for value in first]
        again = reference.run(case.assemble(cases, shapes), target, inputs, repeat)
        if not all(map(verdict.same_bits, first, again)):
            raise Refusal("the reference runtime's own answer changes from run to run")
        yield Batch(cases, first)
    except Refusal as refusal:
        if len(cases) > 1:
            middle = len(cases) // 2
            yield from answered(reference, cases[:middle], tally)
            yield from answered(reference, cases[middle:], tally)
        elif target == "ref":
            cases[0].target = "plain"
            yield from answered(reference, cases, tally)
        else:
            tally.add(cases[0], "skipped", f"not answered by the reference runtime: {refusal}")


def check(midge, batch, configurations, tally):
    """Runs a batch in every configuration (kernels, threads) and counts each case once."""
    staged = midge.stage(batch.model(), case.feeds(batch.cases))
    repeat = batch.cases[0].repeat
    faults = {item.name: "" for item in batch.cases}
    earlier = {}
    for kernels, threads in configurations:
        try:
            outputs = midge.run(staged, kernels, threads, repeat)
            if len(outputs) != len(batch.outputs):
                raise Failure(f"{len(outputs)} outputs, expected {len(batch.outputs)}")
        except Failure as failure:
            if len(batch.cases) > 1:
                for half in batch.halves():
                    check(midge, half, configurations, tally)
                return
            tally.add(batch.cases[0], "failed", f"{kernels}, {threads} threads: {failure}")
            return
        for (item, wanted), (_, got) in zip(batch.split(batch.outputs), batch.split(outputs)):
            for number, (one, other) in enumerate(zip(got, wanted)):
                fault = verdict.difference(one, other, item.bound)
                before = earlier.get((kernels, item.name, number))
                if not fault and before is not None and not verdict.same_bits(before, one):
                    fault = "other bits than with one thread"
                earlier.setdefault((kernels, item.name, number), one)
                if fault and not faults[item.name]:
                    kinds = ", ".join(argument.kind for argument in item.inputs)
                    faults[item.name] = (f"{kernels}, {threads} threads, inputs {kinds}: "
                                         f"output {number}: {fault}")
    for item in batch.cases:
        tally.add(item, "failed" if faults[item.name] else "passed", faults[item.name])


def campaign(reference, midge, families, configurations, seed, scale, size):
    tally = Tally()
    for cases in groups(make_cases(families, seed, scale), size):
        for batch in answered(reference, cases, tally):
            check(midge, batch, configurations, tally)
    return tally


def print_table(tally, families):
    width = max(len(family) for family in families)
    print(f"{'operator'.ljust(width)}  passed  failed  skipped")
    for family in families:
        counts = tally.counts[family]
        print(f"{family.ljust(width)}  {counts['passed']:6d}  {counts['failed']:6d}  "
              f"{counts['skipped']:7d}")
        for note in tally.notes[family][:Tally.SHOWN]:
            print(f"    {note}")
