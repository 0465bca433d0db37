# SPDX-License-Identifier: Apache-2.0
"""What training makes small."""
from __future__ import annotations

from typing import Any, Optional

from midge.keras._absent import absent
from midge.keras._named import Named, snake_case

__all__ = ["BinaryCrossentropy", "CategoricalCrossentropy", "Huber", "Loss", "MeanAbsoluteError",
           "MeanSquaredError", "SparseCategoricalCrossentropy"]

_REDUCTIONS = (None, "sum_over_batch_size", "auto")


class Loss(Named):
    """A loss; `name` is what configurations call it."""

    from_logits = False
    label_smoothing = 0.0
    delta = 1.0

    def _settle(self, reduction: Optional[str]) -> None:
        if reduction not in _REDUCTIONS:
            raise ValueError("losses are means over the samples; reduction %r is none" % reduction)
        self.name = snake_case(type(self).__name__)
        self._config: dict = {"reduction": "sum_over_batch_size", "name": self.name}


class _Crossentropy(Loss):
    def __init__(self, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1,
                 reduction: Optional[str] = "sum_over_batch_size", name: Optional[str] = None):
        if axis != -1:
            raise ValueError("classes lie along the last axis; axis %r is another" % (axis,))
        self._settle(reduction)
        self.from_logits, self.label_smoothing = bool(from_logits), float(label_smoothing)
        self._config.update(from_logits=self.from_logits, label_smoothing=self.label_smoothing)


class CategoricalCrossentropy(_Crossentropy):
    """For one-hot targets. `from_logits`: the model ends without softmax."""


class BinaryCrossentropy(_Crossentropy):
    """For targets of 0 and 1. `from_logits`: the model ends without sigmoid."""


class SparseCategoricalCrossentropy(Loss):
    """For numbers of classes. `from_logits`: the model ends without softmax."""

    def __init__(self, from_logits: bool = False, ignore_class: Optional[int] = None,
                 reduction: Optional[str] = "sum_over_batch_size", axis: int = -1,
                 name: Optional[str] = None):
        if ignore_class is not None or axis != -1:
            raise ValueError("ignore_class and another axis than the last are not supported")
        self._settle(reduction)
        self.from_logits = bool(from_logits)
        self._config.update(from_logits=self.from_logits)


class MeanSquaredError(Loss):
    """Of real numbers."""

    def __init__(self, reduction: Optional[str] = "sum_over_batch_size",
                 name: Optional[str] = None):
        self._settle(reduction)


class MeanAbsoluteError(MeanSquaredError):
    """Of real numbers, less moved by outliers."""


class Huber(Loss):
    """Squares up to `delta`, then straight."""

    def __init__(self, delta: float = 1.0, reduction: Optional[str] = "sum_over_batch_size",
                 name: Optional[str] = None):
        self._settle(reduction)
        self.delta = float(delta)
        self._config.update(delta=self.delta)


_NAMES = {snake_case(name): globals()[name] for name in __all__ if name != "Loss"}
_NAMES.update(mse=MeanSquaredError, mae=MeanAbsoluteError, huber_loss=Huber)


def get(identifier: Any) -> Loss:
    """The loss of that name, class or configuration."""
    if isinstance(identifier, (list, tuple)) and len(identifier) == 1:
        identifier = identifier[0]
    if isinstance(identifier, dict) and len(identifier) == 1:
        identifier = next(iter(identifier.values()))
    if isinstance(identifier, Loss):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    name = snake_case(identifier) if isinstance(identifier, str) else identifier
    if isinstance(name, str) and name in _NAMES:
        return _NAMES[name]()
    raise ValueError("there is no loss %r; there are %s" % (identifier, ", ".join(_NAMES)))


__getattr__ = absent("midge.keras.losses", __all__)
