# SPDX-License-Identifier: Apache-2.0
"""Penalties on weights, added to the loss."""
from __future__ import annotations

from typing import Any

from midge.keras._absent import absent
from midge.keras._named import Named, describe

__all__ = ["L1", "L1L2", "L2", "l1", "l1_l2", "l2"]


class L1(Named):
    """`l1` times the sum of the weights' sizes."""

    def __init__(self, l1: float = 0.01):
        self._keep(locals())


class L2(Named):
    """`l2` times the sum of the weights' squares."""

    def __init__(self, l2: float = 0.01):
        self._keep(locals())


class L1L2(Named):
    """Both."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0):
        self._keep(locals())


l1, l2, l1_l2 = L1, L2, L1L2


def serialize(regularizer: Any) -> Any:
    """As configurations have it."""
    return describe(regularizer, "regularizers", {"L1": L1, "L2": L2, "L1L2": L1L2, "l1": L1,
                                                  "l2": L2, "l1_l2": L1L2}, "regularizer")


__getattr__ = absent("midge.keras.regularizers", __all__)
