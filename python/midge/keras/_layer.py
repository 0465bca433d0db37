# SPDX-License-Identifier: Apache-2.0
"""Layers as descriptions, and the graph that calling them makes. Nothing is computed here."""
from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from midge._element_types import as_dtype
from midge.keras import activations, initializers, regularizers
from midge.keras._named import snake_case

__all__ = ["Input", "InputLayer", "KerasTensor", "Layer", "Node", "Variable", "flatten"]

_COUNTS: Dict[str, int] = {}
_POLICY = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
           "registered_name": None}


def reset_names() -> None:
    """Automatic names begin anew."""
    _COUNTS.clear()


def unique_name(base: str) -> str:
    """`base` the first time, then base_1, base_2, …"""
    count = _COUNTS.get(base, 0)
    _COUNTS[base] = count + 1
    return base if count == 0 else "%s_%d" % (base, count)


class Node:
    """One call of a layer: its arguments in their nesting, tensors and others."""

    def __init__(self, layer: Layer, arguments: Any):
        self.layer = layer
        self.arguments = arguments
        self.tensors = flatten(arguments)


class KerasTensor:
    """What a layer will give: an output of a node."""

    dtype = as_dtype("float32")

    def __init__(self, node: Node, index: int = 0, shape: Optional[tuple] = None):
        self.node, self.index, self._shape = node, index, shape

    @property
    def shape(self) -> tuple:
        """The shape; None stands for the batch."""
        if self._shape is None:
            from midge.keras.models import shape_of
            self._shape = shape_of(self)
        return self._shape

    @property
    def name(self) -> str:
        return self.node.layer.name

    def __add__(self, other: Any) -> Any:
        return _join("Add", self, other)

    def __mul__(self, other: Any) -> Any:
        return _join("Multiply", self, other)

    def __truediv__(self, other: Any) -> Any:
        return _join("Multiply", self, 1.0 / other)

    def __sub__(self, other: Any) -> Any:
        if isinstance(other, KerasTensor):
            return _join("Subtract", self, other)
        return _join("Add", self, -other)

    __radd__, __rmul__ = __add__, __mul__

    def __array__(self, *_: Any) -> Any:
        raise TypeError("%r has no value yet: make a Model of it" % self)

    def __repr__(self) -> str:
        return "<KerasTensor of %s>" % self.name


def _join(kind: str, one: KerasTensor, other: Any) -> Any:
    """An operator between tensors, or with a number."""
    from midge.keras import layers
    if isinstance(other, KerasTensor):
        return getattr(layers, kind)()([one, other])
    number = float(other)
    rescale = (1.0, number) if kind == "Add" else (number, 0.0)
    return layers.Rescaling(*rescale)(one)


def flatten(arguments: Any) -> List[KerasTensor]:
    """The tensors in nested lists."""
    if isinstance(arguments, KerasTensor):
        return [arguments]
    if isinstance(arguments, (list, tuple)):
        return [tensor for one in arguments for tensor in flatten(one)]
    return []


class Variable:
    """A weight of a layer."""

    def __init__(self, layer: Any, index: int, name: str, shape: tuple, trainable: bool):
        self._layer, self._index = layer, index
        self.name, self.shape, self.trainable = name, shape, trainable
        self.path = "%s/%s" % (layer.name, name)

    def numpy(self) -> np.ndarray:
        """A copy of its values."""
        return self._layer.get_weights()[self._index]

    def assign(self, values: Any) -> None:
        """Gives it other values."""
        weights = self._layer.get_weights()
        weights[self._index] = np.asarray(values, np.float32)
        self._layer.set_weights(weights)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.numpy() if dtype is None else self.numpy().astype(dtype)

    def __repr__(self) -> str:
        return "<Variable path=%s, shape=%s>" % (self.path, self.shape)


class Layer:
    """A layer: its class and what Keras' configurations say about it.

    Called on what Input() or other layers gave, it becomes a part of a model. Its weights are there
    once a model with it is.
    """

    # Members that are lists of so many numbers in configurations.
    _lists: Dict[str, int] = {}
    # Member -> the values of it that midge can do, of members that it does not have a say in.
    _only: Dict[str, tuple] = {}

    def __init_subclass__(cls, **named: Any):
        super().__init_subclass__(**named)
        if "call" in vars(cls):
            raise TypeError("class %s with its own call(): midge runs no Python for each step; make "
                            "it of the layers in midge.keras.layers, or train it with Keras and "
                            "convert it" % cls.__name__)

    def __init__(self, **given: Any):
        self._settle(given)

    def _settle(self, given: Dict[str, Any]) -> None:
        """Keeps the arguments of the constructor, locals(), as members of the configuration."""
        given.pop("self", None)
        given.pop("__class__", None)
        given.update(given.pop("kwargs", {}))
        self.name = given.pop("name", None) or unique_name(snake_case(type(self).__name__))
        self.trainable = bool(given.pop("trainable", True))
        self._initial = given.pop("weights", None)
        self.batch_shape = self._take_shape(given)
        dtype = given.pop("dtype", None)
        if dtype is not None and not isinstance(dtype, dict) and as_dtype(
                getattr(dtype, "name", dtype)) != "float32":
            raise ValueError("%s %s: layers compute with float32, not %s" %
                             (type(self).__name__, self.name, dtype))
        self._config = {key: self._member(key, value) for key, value in given.items()}
        self.nodes: List[Node] = []
        self.home: Optional[Tuple[Any, str]] = None  # the trainer with its weights, and its path

    @staticmethod
    def _take_shape(given: Dict[str, Any]) -> Optional[tuple]:
        """The shape of the input where the first layer of a model states it."""
        batch = given.pop("batch_input_shape", None) or given.pop("batch_shape", None)
        shape = given.pop("input_shape", None)
        width, length = given.pop("input_dim_of_layer", None), given.pop("input_length", None)
        if shape is None and width is not None:
            shape = (width,)
        if shape is None and length is not None:
            shape = (length,)
        if batch is None and shape is not None:
            batch = (None, *((shape,) if isinstance(shape, int) else shape))
        return None if batch is None else tuple(batch)

    def _member(self, name: str, value: Any) -> Any:
        if name in self._only and value not in self._only[name]:
            raise ValueError("%s %s: %s=%r is not supported" %
                             (type(self).__name__, self.name, name, value))
        if name.endswith("_initializer"):
            return initializers.serialize(value)
        if name.endswith("_regularizer"):
            return regularizers.serialize(value)
        if name.endswith("_constraint"):
            if value is not None:
                raise ValueError("%s %s: constraints are not supported" %
                                 (type(self).__name__, self.name))
            return None
        if name in ("activation", "recurrent_activation"):
            return activations.serialize(value)
        if name == "data_format":
            if value not in (None, "channels_last"):
                raise ValueError("%s %s: channels come last; data_format=%r is not supported" %
                                 (type(self).__name__, self.name, value))
            return "channels_last"
        if name in self._lists and value is not None:
            return [value] * self._lists[name] if isinstance(value, int) else list(value)
        return list(value) if isinstance(value, tuple) else value

    def get_config(self) -> Dict[str, Any]:
        """The configuration, as Keras writes it."""
        return {"name": self.name, "trainable": self.trainable, "dtype": _POLICY, **self._config}

    @classmethod
    def from_config(cls, config: Dict[str, Any]) -> Layer:
        """The layer of a configuration."""
        return cls(**config)

    def describe(self) -> Dict[str, Any]:
        """Class and configuration, as a model's configuration has them."""
        return {"module": "keras.layers", "class_name": type(self).__name__,
                "config": self.get_config(), "registered_name": None}

    def leaves(self, prefix: str = "") -> List[Tuple[str, Layer]]:
        """The layers with weights of their own, with their paths."""
        return [(prefix + self.name, self)]

    def __call__(self, inputs: Any, *_: Any, **options: Any) -> Any:
        """Joins the layer to what Input() or other layers gave. On an array, it computes."""
        if options.pop("training", None):
            raise ValueError("%s: training=True is decided by fit, not by the model" % self.name)
        if options.pop("mask", None) is not None or options:
            raise ValueError("%s: %s: only tensors can be given to a layer" %
                             (self.name, ", ".join(options) or "mask"))
        if not flatten(inputs):
            from midge.keras.models import run_layer
            return run_layer(self, inputs)
        node = Node(self, inputs)
        self.nodes.append(node)
        return KerasTensor(node)

    @property
    def output(self) -> Any:
        """What its first call gives."""
        if not self.nodes:
            raise AttributeError("%s was never called: it has no output" % self.name)
        return KerasTensor(self.nodes[0])

    @property
    def input(self) -> Any:
        """What its first call takes."""
        if not self.nodes:
            raise AttributeError("%s was never called: it has no input" % self.name)
        return self.nodes[0].arguments

    @property
    def weights(self) -> List[Variable]:
        """Its weights; empty until a model is made with it."""
        if self.home is None:
            return []
        return [Variable(self, place, weight.name, weight.shape, weight.trained)
                for place, weight in enumerate(self.home[0].weights_of(self.home[1]))]

    @property
    def trainable_weights(self) -> List[Variable]:
        return [weight for weight in self.weights if self.trainable and weight.trainable]

    def get_weights(self) -> List[np.ndarray]:
        """Copies of its weights, in Keras' order."""
        if self.home is None:
            return []
        return self.home[0].get_weights(self.home[1])

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Gives it other weights, in Keras' order.

        Raises:
            ValueError: no model has this layer yet, or shapes differ.
        """
        if self.home is None:
            raise ValueError("%s has no weights yet: make a model with it, whose input is known" %
                             self.name)
        self.home[0].set_weights(self.home[1], weights)

    def count_params(self) -> int:
        """How many numbers its weights are."""
        return sum(int(np.prod(weight.shape)) for weight in self.weights)

    def __repr__(self) -> str:
        return "<%s name=%s>" % (type(self).__name__, self.name)


class InputLayer(Layer):
    """Where a model begins."""

    def __init__(self, input_shape: Any = None, batch_size: Optional[int] = None,
                 dtype: Any = None, shape: Any = None, batch_shape: Any = None,
                 name: Optional[str] = None, **kwargs: Any):
        if batch_shape is None:
            given = shape if shape is not None else input_shape
            if given is None:
                raise ValueError("an input needs its shape, without the batch: Input((28, 28))")
            batch_shape = (batch_size, *((given,) if isinstance(given, int) else given))
        if kwargs.get("sparse") or kwargs.get("ragged"):
            raise ValueError("inputs are dense")
        self._type = as_dtype("float32" if dtype is None else getattr(dtype, "name", dtype)).name
        self._settle({"name": name, "batch_shape": batch_shape})
        self.nodes.append(Node(self, []))

    def get_config(self) -> Dict[str, Any]:
        return {"batch_shape": list(self.batch_shape or ()), "dtype": self._type, "sparse": False,
                "ragged": False, "name": self.name}

    def leaves(self, prefix: str = "") -> List[Tuple[str, Layer]]:
        return []

    @property
    def output(self) -> KerasTensor:
        return KerasTensor(self.nodes[0], 0, self.batch_shape)


def Input(shape: Any = None, batch_size: Optional[int] = None,  # pylint: disable=invalid-name
          dtype: Any = None, name: Optional[str] = None, batch_shape: Any = None) -> KerasTensor:
    """Where a model begins: `shape` is that of one sample."""
    return InputLayer(shape=shape, batch_size=batch_size, dtype=dtype, name=name,
                      batch_shape=batch_shape).output
