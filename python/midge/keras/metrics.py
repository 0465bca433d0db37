# SPDX-License-Identifier: Apache-2.0
"""What is measured while training and evaluating."""
from __future__ import annotations

from typing import Any, Optional

from midge.keras._absent import absent
from midge.keras._named import Named, snake_case

__all__ = ["Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "MeanAbsoluteError",
           "MeanSquaredError", "Metric", "RootMeanSquaredError", "SparseCategoricalAccuracy",
           "SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy"]


class Metric(Named):
    """A metric. `name` is how results call it, `kind` how configurations do."""

    def __init__(self, name: Optional[str] = None, dtype: Any = None):
        self.kind = snake_case(type(self).__name__).replace("top_kc", "top_k_c")
        self.name = name or self.kind
        self._config = {"name": self.name, "dtype": "float32"}


class Accuracy(Metric):
    """Share of right answers; which kind follows from the loss."""


class SparseCategoricalAccuracy(Metric):
    """Share of right classes, targets being their numbers."""


class CategoricalAccuracy(Metric):
    """Share of right classes, targets being one-hot."""


class BinaryAccuracy(Metric):
    """Share of outputs on the right side of 0.5."""


class MeanSquaredError(Metric):
    """Mean of squared differences."""


class MeanAbsoluteError(Metric):
    """Mean of differences."""


class RootMeanSquaredError(Metric):
    """Root of the mean of squared differences."""


class _TopK(Metric):
    def __init__(self, k: int = 5, name: Optional[str] = None, dtype: Any = None):
        if k != 5:
            raise ValueError("%s counts the best 5; k = %r is not supported" %
                             (type(self).__name__, k))
        super().__init__(name)
        self._config["k"] = k


class TopKCategoricalAccuracy(_TopK):
    """Share of samples whose class is among the best 5, targets being one-hot."""


class SparseTopKCategoricalAccuracy(_TopK):
    """Share of samples whose class is among the best 5, targets being numbers of classes."""


_CLASSES = [globals()[name] for name in __all__ if name != "Metric"]
_NAMES = {kind().kind: kind for kind in _CLASSES}
_SHORT = {"acc": "accuracy", "mse": "mean_squared_error", "mae": "mean_absolute_error",
          "rmse": "root_mean_squared_error"}


def get(identifier: Any) -> Metric:
    """The metric of that name or class. A short name stays what results call it."""
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        return identifier()
    name = identifier.lower() if isinstance(identifier, str) else None
    kind = _NAMES.get(_SHORT.get(name, name)) or _NAMES.get(snake_case(str(identifier)))
    if kind is None:
        raise ValueError("there is no metric %r; there are %s" % (identifier, ", ".join(_NAMES)))
    return kind(name=identifier)


__getattr__ = absent("midge.keras.metrics", __all__)
