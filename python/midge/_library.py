# SPDX-License-Identifier: Apache-2.0
"""The C library through ctypes: structures and functions of midge.h and midge_tools.h.

``slow`` lets other Python threads run while it works; ``quick`` does not, which costs less for
functions that return at once. Structures must have the layout of the headers: tests/python compares
them with what the C compiler says.
"""
from __future__ import annotations

import ctypes
import os
from ctypes import (POINTER, Structure, c_bool, c_char, c_char_p, c_float, c_int, c_int32,
                    c_int64, c_size_t, c_uint32, c_uint64, c_void_p)

__all__ = ["declare", "forks", "message", "path", "quick", "slow", "status_name", "text"]

OK, INVALID_ARGUMENT, INVALID_STATE, NO_MEMORY, LIMIT_EXCEEDED = range(5)
IO_ERROR, INVALID_MODEL, UNSUPPORTED, CANCELLED, RUN_ERROR = range(5, 10)


class Error(Structure):
    _fields_ = [("status", c_int), ("message", c_char * 500)]


class ModelOptions(Structure):
    _fields_ = [("size", c_size_t), ("allocator", c_void_p), ("limits", c_void_p),
                ("map_file", c_bool)]


class Limits(Structure):
    _fields_ = [("file_bytes", c_uint64), ("memory_bytes", c_uint64), ("tensors", c_uint32),
                ("nodes", c_uint32), ("subgraphs", c_uint32), ("call_depth", c_uint32),
                ("while_iterations", c_uint64), ("steps", c_uint64), ("milliseconds", c_uint64)]


class SessionOptions(Structure):
    _fields_ = [("size", c_size_t), ("threads", c_int), ("kernels", c_char_p),
                ("allocator", c_void_p), ("limits", POINTER(Limits)),
                ("preserve_all_tensors", c_bool), ("profile", c_bool),
                ("custom_operators", c_void_p), ("custom_operator_count", c_size_t),
                ("defer_prepare", c_bool), ("plans", c_void_p), ("plan_count", c_size_t)]


class Quantization(Structure):
    _fields_ = [("count", c_size_t), ("scale", POINTER(c_float)),
                ("zero_point", POINTER(c_int64)), ("axis", c_int)]


class NodeInfo(Structure):
    _fields_ = [("op", c_char_p), ("version", c_int), ("input_count", c_size_t),
                ("inputs", POINTER(c_int32)), ("output_count", c_size_t),
                ("outputs", POINTER(c_int32)), ("nanoseconds", c_uint64), ("runs", c_uint64),
                ("multiply_accumulates", c_uint64), ("kernel", c_char_p), ("code", c_int),
                ("custom_options", c_void_p), ("custom_options_bytes", c_size_t)]


class GraphInfo(Structure):
    _fields_ = [("name", c_char_p), ("tensor_count", c_size_t), ("node_count", c_size_t),
                ("input_count", c_size_t), ("inputs", POINTER(c_int32)),
                ("output_count", c_size_t), ("outputs", POINTER(c_int32))]


class TensorInfo(Structure):
    _fields_ = [("name", c_char_p), ("type", c_int), ("rank", c_int), ("shape", POINTER(c_int32)),
                ("signature_rank", c_int), ("signature", POINTER(c_int32)), ("variable", c_bool),
                ("sparse", c_bool), ("constant", c_void_p), ("constant_bytes", c_size_t),
                ("quantization", Quantization), ("block_size", c_int32),
                ("block_scales", c_int32), ("block_zero_points", c_int32)]


class SparseLevel(Structure):
    _fields_ = [("dimension", c_int32), ("compressed", c_bool), ("dense_size", c_int32),
                ("segment_count", c_size_t), ("segments", c_void_p), ("segment_bytes", c_size_t),
                ("index_count", c_size_t), ("indices", c_void_p), ("index_bytes", c_size_t)]


class TensorMetadata(Structure):
    _fields_ = [("name", c_char_p), ("description", c_char_p), ("content", c_int),
                ("color_space", c_int), ("mean_count", c_size_t), ("mean", POINTER(c_float)),
                ("deviation_count", c_size_t), ("deviation", POINTER(c_float)),
                ("file_count", c_size_t)]


class AssociatedFile(Structure):
    _fields_ = [("name", c_char_p), ("description", c_char_p), ("locale", c_char_p),
                ("type", c_int)]


class KernelInfo(Structure):
    _fields_ = [("family", c_char_p), ("types", c_char_p), ("tier", c_char_p), ("name", c_char_p),
                ("available", c_bool), ("selected", c_bool)]


_NAME = "libmidge-tools.so"

_status, _handle, _shape, _count = c_int, c_void_p, POINTER(c_int32), POINTER(c_size_t)

# Functions that read files, compute or wait.
_SLOW = {
    "midge_model_load_file": (_status, c_char_p, POINTER(ModelOptions), POINTER(_handle),
                              POINTER(Error)),
    "midge_model_load_memory": (_status, c_void_p, c_size_t, POINTER(ModelOptions),
                                POINTER(_handle), POINTER(Error)),
    "midge_session_create": (_status, _handle, POINTER(SessionOptions), POINTER(_handle),
                             POINTER(Error)),
    "midge_session_free": (None, _handle),
    "midge_model_free": (None, _handle),
    "midge_session_prepare": (_status, _handle),
    "midge_session_invoke": (_status, _handle),
    "midge_signature_prepare": (_status, _handle),
    "midge_signature_invoke": (_status, _handle),
}

# Functions that return at once.
_QUICK = {
    "midge_version": (c_char_p,),
    "midge_status_name": (c_char_p, _status),
    "midge_type_bits": (c_size_t, c_int),
    "midge_model_options_default": (ModelOptions,),
    "midge_model_description": (c_char_p, _handle),
    "midge_model_file": (c_void_p, _handle, _count),
    "midge_model_signature_count": (c_size_t, _handle),
    "midge_model_signature_key": (c_char_p, _handle, c_size_t),
    "midge_tensor_type": (c_int, _handle),
    "midge_tensor_rank": (c_int, _handle),
    "midge_tensor_shape": (_shape, _handle),
    "midge_tensor_elements": (c_size_t, _handle),
    "midge_tensor_bytes": (c_size_t, _handle),
    "midge_tensor_data": (c_void_p, _handle),
    "midge_tensor_is_constant": (c_bool, _handle),
    "midge_tensor_is_dynamic": (c_bool, _handle),
    "midge_session_options_default": (SessionOptions,),
    "midge_session_message": (c_char_p, _handle),
    "midge_session_input_count": (c_size_t, _handle),
    "midge_session_output_count": (c_size_t, _handle),
    "midge_session_graph_tensor": (_handle, _handle, c_size_t, c_size_t),
    "midge_session_resize_input": (_status, _handle, c_size_t, c_int, _shape),
    "midge_session_write_input": (_status, _handle, c_size_t, c_void_p, c_size_t),
    "midge_session_reset": (_status, _handle),
    "midge_session_cancel": (None, _handle),
    "midge_session_memory": (c_size_t, _handle, _count),
    "midge_session_signature": (_handle, _handle, c_char_p),
    "midge_signature_resize_input": (_status, _handle, c_char_p, c_int, _shape),
    "midge_signature_write_input": (_status, _handle, c_char_p, c_void_p, c_size_t),
    "midge_session_node_count": (c_size_t, _handle),
    "midge_session_node": (c_bool, _handle, c_size_t, POINTER(NodeInfo)),
    "midge_kernel_count": (c_size_t,),
    "midge_kernel": (c_bool, c_size_t, POINTER(KernelInfo)),
    "midge_cpu_tier": (c_char_p,),
    "midge_inspect_graph_count": (c_size_t, _handle),
    "midge_inspect_graph": (c_bool, _handle, c_size_t, POINTER(GraphInfo)),
    "midge_inspect_tensor": (c_bool, _handle, c_size_t, c_size_t, POINTER(TensorInfo)),
    "midge_inspect_node": (c_bool, _handle, c_size_t, c_size_t, POINTER(NodeInfo)),
    "midge_inspect_sparsity": (c_bool, _handle, c_size_t, c_size_t, _count, _count,
                               POINTER(POINTER(c_int32))),
    "midge_inspect_sparse_level": (c_bool, _handle, c_size_t, c_size_t, c_size_t,
                                   POINTER(SparseLevel)),
    "midge_inspect_signature": (c_bool, _handle, c_size_t, _count, _count, _count),
    "midge_inspect_binding": (c_bool, _handle, c_size_t, c_bool, c_size_t, POINTER(c_char_p),
                              POINTER(c_int32)),
    "midge_metadata_create": (_status, _handle, POINTER(_handle), POINTER(Error)),
    "midge_metadata_free": (None, _handle),
    "midge_metadata_tensor": (c_bool, _handle, c_bool, c_size_t, POINTER(TensorMetadata)),
    "midge_metadata_file": (c_bool, _handle, c_bool, c_size_t, c_size_t, POINTER(AssociatedFile)),
}


def _candidates() -> list[str]:
    """Where the library may lie: named by the user, in this package, known to the loader."""
    given = os.environ.get("MIDGE_LIBRARY")
    if given:
        return [given]
    here = os.path.dirname(os.path.abspath(__file__))
    inside = os.path.join(here, _NAME)
    return [inside] if os.path.exists(inside) else [_NAME + ".0", _NAME]


def _open() -> str:
    complaints = []
    for candidate in _candidates():
        try:
            ctypes.CDLL(candidate)
            return candidate
        except OSError as error:
            complaints.append(str(error))
    raise ImportError("midge: the C library is missing: " + "; ".join(complaints) +
                      ". Install the package with pip, or set MIDGE_LIBRARY to " + _NAME)


def declare(library: ctypes.CDLL, table: dict) -> ctypes.CDLL:
    """Tells ctypes the types of functions: {name: (result, *arguments)}."""
    for name, (result, *arguments) in table.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError("midge: %s lacks %s; it is older than this package" %
                              (path, name)) from None
        function.restype = result
        function.argtypes = arguments
    return library


# How often this process is the child of a fork. Python threads that hold locks stay in the parent.
forks = [0]
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: forks.__setitem__(0, forks[0] + 1))

path = _open()
slow = declare(ctypes.CDLL(path), _SLOW)
quick = declare(ctypes.PyDLL(path), _QUICK)


def text(value: bytes | None) -> str:
    """A C string, which may be anything that a file holds."""
    return "" if value is None else value.decode("utf-8", "replace")


def status_name(status: int) -> str:
    return text(quick.midge_status_name(status))


def message(error: Error) -> str:
    return text(error.message) or status_name(error.status)
