# SPDX-License-Identifier: Apache-2.0
"""What is handed to tensors, checked."""
from __future__ import annotations

import ctypes
from typing import Any, Sequence

import numpy as np

from midge import _tensors


def shape_array(shape: Sequence[int]) -> ctypes.Array:
    """A shape as the library takes it."""
    return (ctypes.c_int32 * max(len(shape), 1))(*shape)


def check_value(index: int, facts: Any, tensor: int, value: np.ndarray) -> None:
    """Raises ValueError, naming both sides and the remedy, unless a tensor takes a value."""
    if not _tensors.accepts(facts.kind, value.dtype):
        wanted = _tensors.TYPES[facts.kind]
        remedy = np.dtype(wanted.numpy).name
        if facts.kind == _tensors.STRING:
            remedy = "object"
        raise ValueError(
            "Cannot set tensor: Got value of type %s but expected type %s for input %d, name: "
            "%s ; convert it with value.astype('%s'), or quantise it when it holds real "
            "values" % (_tensors.numpy_name(value.dtype), wanted.name, index, facts.name,
                        remedy))
    shape = _tensors.shape_of(tensor)
    if value.ndim != len(shape):
        raise ValueError(
            "Cannot set tensor: Dimension mismatch. Got %d but expected %d for input %d. The "
            "value is %s, the tensor %s: reshape the value (np.expand_dims adds a batch of 1) "
            "or call resize_tensor_input" %
            (value.ndim, len(shape), index, list(value.shape), list(shape)))
    for axis, (got, expected) in enumerate(zip(value.shape, shape)):
        if got != expected:
            raise ValueError(
                "Cannot set tensor: Dimension mismatch. Got %d but expected %d for dimension "
                "%d of input %d. The value is %s, the tensor %s: resize the value or call "
                "resize_tensor_input" %
                (got, expected, axis, index, list(value.shape), list(shape)))
