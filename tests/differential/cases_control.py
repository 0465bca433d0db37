# SPDX-License-Identifier: Apache-2.0
"""Control flow: operators that call other subgraphs."""
import numpy as np

from case import Case, covers, feed, options, result


def pair_graph(model, name, op, kind, shapes, settings):
    """A subgraph of two inputs and one result."""
    graph = model.graph(name)
    inputs = [graph.input(kind, shape) for shape in shapes]
    made = graph.output(kind, shapes[0])
    graph.operator(op, inputs, [made], settings)
    return len(model.model.subgraphs) - 1


@covers("IF", cases=10)
def branch(draw, op):
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 4)

    def settings(model):
        then = pair_graph(model, f"then_{len(model.model.subgraphs)}", "ADD", kind,
                          [shape, shape], options("AddOptions"))
        other = pair_graph(model, f"else_{len(model.model.subgraphs)}", "MUL", kind,
                           [shape, shape], options("MulOptions"))
        return options("IfOptions", thenSubgraphIndex=then, elseSubgraphIndex=other)

    return Case(op, [feed("bool", [draw.chance(0.5)]), draw.tensor(kind, shape),
                     draw.tensor(kind, shape)], [result(kind)], settings)


@covers("WHILE", cases=10)
def loop(draw, op):
    """while (count < limit) { value += step; count += 1 }"""
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 3)
    limit, step = draw.integer(0, 6), draw.values(kind, shape, "few")

    def settings(model):
        number = len(model.model.subgraphs)
        condition = model.graph(f"condition_{number}")
        count = condition.input("int32", [1])
        condition.input(kind, shape)
        bound = condition.constant("int32", np.array([limit], np.int32))
        condition.operator("LESS", [count, bound], [condition.output("bool", [1])],
                           options("LessOptions"))
        body = model.graph(f"body_{number}")
        count, value = body.input("int32", [1]), body.input(kind, shape)
        one = body.constant("int32", np.array([1], np.int32))
        body.operator("ADD", [count, one], [body.output("int32", [1])], options("AddOptions"))
        body.operator("ADD", [value, body.constant(kind, step)], [body.output(kind, shape)],
                      options("AddOptions"))
        return options("WhileOptions", condSubgraphIndex=number, bodySubgraphIndex=number + 1)

    return Case(op, [feed("int32", [0]), draw.tensor(kind, shape, flavour="few")],
                [result("int32"), result(kind)], settings)


@covers("VARIABLES", cases=6)
def variables(draw, op):
    """A variable set once by a subgraph of its own, then added to in every run."""
    kind, shape = draw.one("float32", "int32"), draw.shape(1, 3)
    start = draw.values(kind, shape, "few")

    def handle(graph, name):
        made = graph.tensor("resource", [1])
        graph.operator("VAR_HANDLE", [], [made], options("VarHandleOptions", container="",
                                                         sharedName=name))
        return made

    def body(model, name):
        graph = model.graph(name)
        value, total = graph.input(kind, shape), graph.tensor(kind, shape)
        number = len(model.model.subgraphs)
        graph.operator("CALL_ONCE", [], [], options("CallOnceOptions", initSubgraphIndex=number))
        place, before = handle(graph, name), graph.tensor(kind, shape)
        graph.operator("READ_VARIABLE", [place], [before], options("ReadVariableOptions"))
        graph.operator("ADD", [before, value], [total], options("AddOptions"))
        graph.operator("ASSIGN_VARIABLE", [place, total], [], options("AssignVariableOptions"))
        graph.operator("READ_VARIABLE", [place], [graph.output(kind, shape)],
                       options("ReadVariableOptions"))
        first = model.graph(f"{name}_start")
        first.operator("ASSIGN_VARIABLE", [handle(first, name), first.constant(kind, start)], [],
                       options("AssignVariableOptions"))
        return number - 1

    def settings(model):
        number = len(model.model.subgraphs)
        branches = [body(model, f"variable_{number}_{part}") for part in ("then", "else")]
        return options("IfOptions", thenSubgraphIndex=branches[0], elseSubgraphIndex=branches[1])

    return Case("IF", [feed("bool", [draw.chance(0.5)]), draw.tensor(kind, shape, flavour="few")],
                [result(kind)], settings, repeat=3)
