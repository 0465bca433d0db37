# SPDX-License-Identifier: Apache-2.0
"""Tensors as NumPy arrays: types, packed integers, strings, copies and views."""
from __future__ import annotations

import ctypes
import struct
from typing import Any, NamedTuple, Optional

import numpy as np

from midge._library import quick

try:
    from ml_dtypes import bfloat16 as _bfloat16
except ImportError:  # then bfloat16 tensors are seen as their bits
    _bfloat16 = np.uint16

STRING, RESOURCE, VARIANT = 5, 13, 14
INT4, BFLOAT16, INT2, UINT4 = 17, 18, 19, 20


class ElementType(NamedTuple):
    """An element type of the file format and the NumPy type that stands for it."""
    name: str
    numpy: Any


TYPES = {
    0: ElementType("FLOAT32", np.float32),
    1: ElementType("FLOAT16", np.float16),
    2: ElementType("INT32", np.int32),
    3: ElementType("UINT8", np.uint8),
    4: ElementType("INT64", np.int64),
    STRING: ElementType("STRING", np.bytes_),
    6: ElementType("BOOL", np.bool_),
    7: ElementType("INT16", np.int16),
    8: ElementType("COMPLEX64", np.complex64),
    9: ElementType("INT8", np.int8),
    10: ElementType("FLOAT64", np.float64),
    11: ElementType("COMPLEX128", np.complex128),
    12: ElementType("UINT64", np.uint64),
    RESOURCE: ElementType("RESOURCE", np.object_),
    VARIANT: ElementType("VARIANT", np.object_),
    15: ElementType("UINT32", np.uint32),
    16: ElementType("UINT16", np.uint16),
    INT4: ElementType("INT4", np.int8),
    BFLOAT16: ElementType("BFLOAT16", _bfloat16),
    INT2: ElementType("INT2", np.int8),
    UINT4: ElementType("UINT4", np.uint8),
    21: ElementType("FLOAT8E4M3FN", np.int8),
    22: ElementType("FLOAT8E5M2", np.int8),
}

# Bits of the types of which several elements share a byte.
_PACKED_BITS = {INT4: 4, UINT4: 4, INT2: 2}

# Types that a NumPy array cannot show in place.
UNVIEWABLE = frozenset(_PACKED_BITS) | {STRING, RESOURCE, VARIANT}

_NUMPY_NAMES = {np.dtype(row.numpy): row.name for row in reversed(list(TYPES.values()))
                if row.name not in ("INT4", "UINT4", "INT2", "FLOAT8E4M3FN", "FLOAT8E5M2")}


def numpy_name(dtype: np.dtype) -> str:
    """The format's name for a NumPy type, or NumPy's own where it has none."""
    if dtype.kind in "SUO":
        return "STRING"
    return _NUMPY_NAMES.get(dtype, str(dtype))


def shape_of(tensor: int) -> tuple:
    rank = quick.midge_tensor_rank(tensor)
    return tuple(quick.midge_tensor_shape(tensor)[:rank])


def accepts(kind: int, dtype: np.dtype) -> bool:
    """Whether values of a NumPy type may be written to a tensor type without conversion."""
    if kind == STRING:
        return dtype.kind in "SUO"
    if kind in (INT4, INT2):
        return dtype == np.int8
    if kind in (21, 22):
        return dtype in (np.dtype(np.int8), np.dtype(np.uint8))
    return kind in TYPES and dtype == np.dtype(TYPES[kind].numpy)


def pack_bits(values: np.ndarray, bits: int) -> np.ndarray:
    """Elements of `bits` bits as bytes, the lower index in the lower bits."""
    each = 8 // bits
    flat = values.reshape(-1).astype(np.uint8) & ((1 << bits) - 1)
    padded = np.zeros(-(-flat.size // each) * each, np.uint8)
    padded[:flat.size] = flat
    lanes = padded.reshape(-1, each)
    packed = np.zeros(lanes.shape[0], np.uint8)
    for lane in range(each):
        packed |= lanes[:, lane] << np.uint8(bits * lane)
    return packed


def unpack_bits(packed: np.ndarray, bits: int, count: int, dtype: Any) -> np.ndarray:
    """Undoes pack_bits: one element a byte, sign-extended for a signed type."""
    each = 8 // bits
    lanes = np.empty((packed.size, each), np.uint8)
    for lane in range(each):
        lanes[:, lane] = (packed >> np.uint8(bits * lane)) & ((1 << bits) - 1)
    flat = lanes.reshape(-1)[:count]
    if np.dtype(dtype).kind == "u":
        return flat.astype(dtype)
    shift = 8 - bits
    return (flat << np.uint8(shift)).view(np.int8) >> np.int8(shift)


def pack_strings(values: np.ndarray) -> bytes:
    """A string tensor: int32 count, count + 1 int32 offsets, then the bytes. Text becomes UTF-8."""
    items = []
    for value in values.reshape(-1).tolist():
        if isinstance(value, str):
            value = value.encode("utf-8")
        if not isinstance(value, (bytes, bytearray)):
            raise ValueError("Cannot set tensor: a string tensor takes str and bytes, got %s" %
                             type(value).__name__)
        items.append(bytes(value))
    offset = 4 * (len(items) + 2)
    offsets = [offset]
    for item in items:
        offset += len(item)
        offsets.append(offset)
    if offset > 0x7FFFFFFF:
        raise ValueError("Cannot set tensor: the strings take %d bytes, the format allows 2 GiB" %
                         offset)
    return struct.pack("<%di" % (len(items) + 2), len(items), *offsets) + b"".join(items)


def unpack_strings(stored: bytes, shape: tuple) -> np.ndarray:
    count = struct.unpack_from("<i", stored)[0] if len(stored) >= 4 else 0
    result = np.empty(count, object)
    if count > 0:
        offsets = struct.unpack_from("<%di" % (count + 1), stored, 4)
        for i in range(count):
            result[i] = stored[offsets[i]:offsets[i + 1]]
    elements = int(np.prod(shape, dtype=np.int64))
    return result.reshape(shape) if count == elements else result


def read(tensor: int, kind: int, sparse: bool = False) -> Optional[np.ndarray]:
    """A copy of a tensor's value; None while it has no data. A sparse constant gives the stored
    elements as a row."""
    address = quick.midge_tensor_data(tensor)
    size = quick.midge_tensor_bytes(tensor)
    shape = shape_of(tensor)
    if kind == STRING:
        return unpack_strings(ctypes.string_at(address, size), shape) if address else None
    if not address and 0 not in shape:
        return None
    dtype = np.dtype(TYPES[kind].numpy)
    if kind in _PACKED_BITS:
        packed = np.frombuffer(ctypes.string_at(address, size) if size else b"", np.uint8)
        count = int(np.prod(shape, dtype=np.int64))
        return unpack_bits(packed, _PACKED_BITS[kind], count, dtype).reshape(shape)
    result = np.empty((size // dtype.itemsize,) if sparse else shape, dtype)
    if size:
        ctypes.memmove(result.ctypes.data, address, size)
    return result


def write(tensor: int, kind: int, values: np.ndarray) -> None:
    """Copies values of the right type and shape into a tensor that has memory and is no string."""
    if kind in _PACKED_BITS:
        values = pack_bits(values, _PACKED_BITS[kind])
    values = np.ascontiguousarray(values)
    size = quick.midge_tensor_bytes(tensor)
    if values.nbytes != size:
        raise ValueError("numpy array had %d bytes but expected %d bytes." % (values.nbytes, size))
    if size:
        ctypes.memmove(quick.midge_tensor_data(tensor), values.ctypes.data, size)


class Memory:
    """What a window stands on: keeps the session's memory alive."""

    __slots__ = ("owner", "__array_interface__")

    def __init__(self, owner: Any, address: int, shape: tuple, dtype: np.dtype, constant: bool):
        self.owner = owner
        self.__array_interface__ = {"data": (address, constant), "shape": shape,
                                    "typestr": dtype.str, "version": 3}


def window(owner: Any, tensor: int, kind: int, address: Optional[int]) -> np.ndarray:
    """A NumPy array over a tensor's own memory; read-only for constants."""
    dtype = np.dtype(TYPES[kind].numpy)
    shape = shape_of(tensor)
    if not address:
        return np.empty(shape, dtype)
    plain = dtype if dtype.kind != "V" else np.dtype(np.uint16)
    constant = quick.midge_tensor_is_constant(tensor)
    array = np.asarray(Memory(owner, address, shape, plain, constant))
    return array if plain is dtype else array.view(dtype)
