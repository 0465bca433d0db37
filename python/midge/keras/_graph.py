# SPDX-License-Identifier: Apache-2.0
"""The graph between inputs and outputs as Keras' configuration, and back."""
from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from midge.keras._layer import InputLayer, KerasTensor, Node

__all__ = ["Graph", "read_graph"]


class Graph:
    """The nodes between inputs and outputs, each after those whose outputs it takes."""

    def __init__(self, inputs: List[KerasTensor], outputs: List[KerasTensor]):
        self.inputs, self.outputs = inputs, outputs
        self.nodes: List[Node] = []
        self._find_nodes()
        self.layers: List[Any] = []
        self._numbers: Dict[int, int] = {}  # of a node among those of its layer
        counts: Dict[int, int] = {}
        for node in self.nodes:
            if id(node.layer) not in counts:
                self.layers.append(node.layer)
            self._numbers[id(node)] = counts.get(id(node.layer), 0)
            counts[id(node.layer)] = self._numbers[id(node)] + 1
        names = [layer.name for layer in self.layers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError("every layer needs a name of its own; there are several called %s" %
                             ", ".join(twice))

    def _find_nodes(self) -> None:
        """From the outputs back, without recursion: a node is there when its sources are."""
        begins = {id(tensor.node) for tensor in self.inputs}
        self.nodes = [tensor.node for tensor in self.inputs]
        done, under_way = set(begins), set()
        stack = [tensor.node for tensor in reversed(self.outputs)]
        while stack:
            node = stack[-1]
            missing = [tensor.node for tensor in node.tensors if id(tensor.node) not in done]
            if id(node) in done:
                stack.pop()
            elif missing and id(node) not in under_way:
                under_way.add(id(node))
                stack.extend(reversed(missing))
            else:
                if isinstance(node.layer, InputLayer):
                    raise ValueError("the outputs need %s, which is not among the inputs" %
                                     node.layer.name)
                done.add(id(node))
                self.nodes.append(node)
                stack.pop()

    @property
    def straight(self) -> bool:
        """Whether every layer is called once, with what the one before gives."""
        return len(self.inputs) == 1 and len(self.nodes) == len(self.layers) and all(
            len(node.tensors) == 1 and node.tensors[0].node is before
            for before, node in zip(self.nodes, self.nodes[1:]))

    def _history(self, tensor: KerasTensor) -> list:
        return [tensor.node.layer.name, self._numbers[id(tensor.node)], tensor.index]

    def sources(self, layer: Any) -> List[str]:
        """Where the calls of a layer take their inputs from: "dense[0][0]"."""
        return ["%s[%d][%d]" % tuple(self._history(tensor)) for node in self.nodes
                if node.layer is layer for tensor in node.tensors]

    def _argument(self, argument: Any) -> Any:
        if isinstance(argument, KerasTensor):
            shape = argument._shape  # known once the model was made
            return {"class_name": "__keras_tensor__", "config": {
                "shape": None if shape is None else list(shape), "dtype": "float32",
                "keras_history": self._history(argument)}}
        return [self._argument(one) for one in argument]

    def describe(self, name: str, trainable: bool) -> Dict[str, Any]:
        """The configuration."""
        rows = []
        for layer in self.layers:
            row = layer.describe()
            row["name"] = layer.name
            row["inbound_nodes"] = [] if isinstance(layer, InputLayer) else [
                {"args": [self._argument(node.arguments)], "kwargs": {}}
                for node in self.nodes if node.layer is layer]
            rows.append(row)
        return {"name": name, "trainable": trainable, "layers": rows,
                "input_layers": self._ends(self.inputs), "output_layers": self._ends(self.outputs)}

    def _ends(self, tensors: List[KerasTensor]) -> list:
        ends = [self._history(tensor) for tensor in tensors]
        return ends[0] if len(ends) == 1 else ends

    def note_shapes(self, calls: List[Tuple[str, tuple, int]]) -> bool:
        """Takes the shapes that the library found; whether any was new."""
        shapes: Dict[str, List[tuple]] = {}
        for path, shape, _ in calls:
            shapes.setdefault(path, []).append(shape)
        new = False
        for node in self.nodes:
            for tensor in node.tensors:
                found = _shape_of_call(shapes, tensor, self._numbers)
                if tensor._shape is None and found is not None:
                    tensor._shape, new = found, True
        return new


def _shape_of_call(shapes: Dict[str, List[tuple]], tensor: KerasTensor,
                   numbers: Dict[int, int]) -> Optional[tuple]:
    """Of a layer's n-th call; a model inside gives what its last layer gives."""
    layer, number = tensor.node.layer, numbers[id(tensor.node)]
    if layer.name in shapes:
        found = shapes[layer.name]
        return found[min(number, len(found) - 1)]
    inside = [key for key in shapes if key.startswith(layer.name + "/")]
    return shapes[inside[-1]][-1] if inside else None


def read_graph(config: Dict[str, Any], make: Callable[[Dict[str, Any]], Any]) -> tuple:
    """(inputs, outputs) of a configuration; `make` makes a layer of a row."""
    layers = {row.get("name") or row["config"]["name"]: (make(row), row)
              for row in config["layers"]}
    made: Dict[Tuple[str, int], KerasTensor] = {}
    waiting = []
    for name, (layer, row) in layers.items():
        if isinstance(layer, InputLayer):
            made[name, 0] = layer.output
        waiting += [(name, number, node) for number, node in enumerate(row["inbound_nodes"])]
    while waiting:
        left = []
        for name, number, node in waiting:
            arguments = _arguments(node)
            if all(tuple(history[:2]) in made for history in _histories(arguments)):
                made[name, number] = layers[name][0](_tensors(arguments, made))
            else:
                left.append((name, number, node))
        if len(left) == len(waiting):
            raise ValueError("the calls of %s need one another" %
                             ", ".join(sorted({name for name, _, _ in left})))
        waiting = left
    return ([made[tuple(end[:2])] for end in _list(config["input_layers"])],
            [made[tuple(end[:2])] for end in _list(config["output_layers"])])


def _list(ends: Any) -> list:
    """One end may stand alone; several may have names."""
    if isinstance(ends, dict):
        return list(ends.values())
    return [ends] if ends and isinstance(ends[0], str) else list(ends)


def _arguments(node: Any) -> Any:
    """What a call takes, as nested lists of [layer, call, output]: Keras 3 writes "args", Keras 2 a
    list of [layer, call, output, others]."""
    if isinstance(node, dict):
        rows = list(node["args"]) + list(node.get("kwargs", {}).values())
        found = [one for one in map(_history, rows) if one is not None]
    else:
        found = [[list(one[:3]) for one in node]] if len(node) > 1 else [list(node[0][:3])]
    return found[0] if len(found) == 1 else found


def _history(argument: Any) -> Any:
    if isinstance(argument, dict) and argument.get("class_name") == "__keras_tensor__":
        return list(argument["config"]["keras_history"])
    if isinstance(argument, list):
        return [_history(one) for one in argument]
    return None


def _histories(arguments: Any) -> List[list]:
    if arguments and isinstance(arguments[0], str):
        return [arguments]
    return [history for one in arguments for history in _histories(one)]


def _tensors(arguments: Any, made: Dict[Tuple[str, int], KerasTensor]) -> Any:
    if isinstance(arguments[0], str):
        return made[arguments[0], arguments[1]]
    return [_tensors(one, made) for one in arguments]
