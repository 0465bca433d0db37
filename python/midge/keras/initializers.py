# SPDX-License-Identifier: Apache-2.0
"""How weights begin."""
# pylint: disable=too-few-public-methods
from __future__ import annotations

from typing import Any, Optional

from midge.keras._absent import absent
from midge.keras._named import Named, describe

__all__ = ["Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal",
           "LecunUniform", "Ones", "Orthogonal", "RandomNormal", "RandomUniform",
           "TruncatedNormal", "VarianceScaling", "Zeros"]


class _Seeded(Named):
    def __init__(self, seed: Optional[int] = None):
        self._keep({"seed": seed})


class Zeros(Named):
    """All 0."""

    def __init__(self) -> None:
        self._keep({})


class Ones(Zeros):
    """All 1."""


class Constant(Named):
    """All the same."""

    def __init__(self, value: float = 0.0):
        self._keep(locals())


class RandomNormal(Named):
    """Normally distributed."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Optional[int] = None):
        self._keep(locals())


class TruncatedNormal(RandomNormal):
    """Normally distributed, no further than two deviations from the mean."""


class RandomUniform(Named):
    """Evenly distributed."""

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Optional[int] = None):
        self._keep(locals())


class VarianceScaling(Named):
    """A variance that follows from how many inputs or outputs there are."""

    def __init__(self, scale: float = 1.0, mode: str = "fan_in",
                 distribution: str = "truncated_normal", seed: Optional[int] = None):
        self._keep(locals())


class GlorotUniform(_Seeded):
    """Even, the variance 2 / (inputs + outputs)."""


class GlorotNormal(_Seeded):
    """Truncated normal, the variance 2 / (inputs + outputs)."""


class HeUniform(_Seeded):
    """Even, the variance 2 / inputs."""


class HeNormal(_Seeded):
    """Truncated normal, the variance 2 / inputs."""


class LecunUniform(_Seeded):
    """Even, the variance 1 / inputs."""


class LecunNormal(_Seeded):
    """Truncated normal, the variance 1 / inputs."""


class Orthogonal(Named):
    """A matrix of orthogonal rows or columns."""

    def __init__(self, gain: float = 1.0, seed: Optional[int] = None):
        self._keep(locals())


_CLASSES = {name: globals()[name] for name in __all__}
# The names that configurations know besides.
_CLASSES["Uniform"] = RandomUniform
_CLASSES["Normal"] = RandomNormal


def serialize(initializer: Any) -> Any:
    """As configurations have it."""
    return describe(initializer, "initializers", _CLASSES, "initializer")


__getattr__ = absent("midge.keras.initializers", __all__)
