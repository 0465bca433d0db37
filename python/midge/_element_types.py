# SPDX-License-Identifier: Apache-2.0
"""Element types under the names of tensorflow: tf.float32 and its like."""
from __future__ import annotations

from typing import Any, Dict

import numpy as np

__all__ = ["DType", "TYPES", "as_dtype"]


class DType:
    """A type of elements. Equal to the NumPy type it stands for, and to its name; NumPy takes it
    where it takes a type."""

    def __init__(self, name: str):
        self.name = name
        self.dtype = np.dtype(object if name == "string" else name)
        self.as_numpy_dtype = self.dtype.type

    @property
    def min(self) -> Any:
        """The least value."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The greatest value."""
        return self._limits().max

    @property
    def size(self) -> int:
        """Bytes of an element."""
        return self.dtype.itemsize

    @property
    def is_floating(self) -> bool:
        return self.dtype.kind == "f"

    @property
    def is_integer(self) -> bool:
        return self.dtype.kind in "iu"

    def _limits(self) -> Any:
        return np.finfo(self.dtype) if self.is_floating else np.iinfo(self.dtype)

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, DType):
            return self.name == other.name
        if other is None:
            return False
        try:
            return self.dtype == np.dtype(other)
        except TypeError:
            return False

    def __hash__(self) -> int:
        return hash(self.dtype)

    def __repr__(self) -> str:
        return "tf." + self.name


TYPES: Dict[str, DType] = {name: DType(name) for name in (
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16",
    "uint32", "uint64", "bool", "complex64", "complex128", "string")}


def as_dtype(kind: Any) -> DType:
    """The type of that name, or for that NumPy type. Raises TypeError when there is none."""
    if isinstance(kind, DType):
        return kind
    name = kind if kind in TYPES else np.dtype(kind).name
    if name not in TYPES:
        raise TypeError("there is no element type %r" % (kind,))
    return TYPES[name]
