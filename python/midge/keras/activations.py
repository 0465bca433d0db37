# SPDX-License-Identifier: Apache-2.0
"""Activations by name. They are handed to layers, or called on what Input() and layers gave."""
from __future__ import annotations

from typing import Any

from midge.keras._absent import nearest

__all__ = ["celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_swish",
           "leaky_relu", "linear", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid",
           "silu", "softmax", "softplus", "softsign", "swish", "tanh"]


class _Activation:
    """An activation, known by its name."""

    def __init__(self, name: str):
        self.__name__ = name

    def __call__(self, values: Any) -> Any:
        """Applies it to the output of a layer, or to an array along its last axis."""
        from midge.keras import layers
        return layers.Activation(self.__name__)(values)

    def __repr__(self) -> str:
        return "<activation %s>" % self.__name__


_ALL = {name: _Activation(name) for name in __all__}
globals().update(_ALL)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError("there is no activation %r%s; there are %s" %
                         (name, nearest(name, __all__), ", ".join(__all__)))


def serialize(activation: Any) -> str:
    """The name of an activation given by name, object or None."""
    name = "linear" if activation is None else getattr(activation, "__name__", activation)
    if not isinstance(name, str) or name not in _ALL:
        raise ValueError("there is no activation %r; there are %s" %
                         (activation, ", ".join(__all__)))
    return name


def get(identifier: Any) -> Any:
    """The activation of that name."""
    return _ALL[serialize(identifier)]
