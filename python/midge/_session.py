# SPDX-License-Identifier: Apache-2.0
"""A model and its session as one Python object that frees them when nobody holds it."""
from __future__ import annotations

import ctypes
import operator
import os
import sys
import threading
from ctypes import byref
from typing import Any, NamedTuple, Optional

import numpy as np

from midge import _library
from midge._library import quick, slow, text
from midge._tensors import TYPES, UNVIEWABLE, shape_of, window
from midge._values import shape_array

_REFERENCE = """There is at least 1 reference to internal data in the interpreter in the form of a \
numpy array or slice. Be sure to only hold the function returned from tensor() if you are using \
raw data access."""


class TensorFacts(NamedTuple):
    """What the file says of a tensor and no session changes."""
    name: str
    kind: int
    signature: tuple
    sparse: bool
    block_size: int
    block_scales: int
    block_zero_points: int


class Binding(NamedTuple):
    """A signature: its subgraph and its tensors by name, in lexicographic order."""
    graph: int
    inputs: dict
    outputs: dict


class GraphFacts(NamedTuple):
    tensor_count: int
    node_count: int
    inputs: tuple
    outputs: tuple


def load_model(path: Any, content: Optional[bytes]) -> int:
    """The handle of a checked model. Raises ValueError with the library's message."""
    model, error = ctypes.c_void_p(), _library.Error()
    if path is not None:
        status = slow.midge_model_load_file(path, None, byref(model), byref(error))
    else:
        status = slow.midge_model_load_memory(content, len(content), None, byref(model),
                                              byref(error))
    if status:
        raise ValueError(_library.message(error))
    return model.value


class Owner:
    """Holds the C objects and the bytes they lie in; frees them when the last holder goes."""

    __slots__ = ("model", "handle", "content")

    def __init__(self, content: Optional[bytes]):
        self.model = self.handle = None
        self.content = content

    def __del__(self, slow: Any = slow):
        if self.handle is not None:
            slow.midge_session_free(self.handle)
        if self.model is not None:
            slow.midge_model_free(self.model)


def _most_held(arrays: list) -> int:
    """The most references that one of the arrays has."""
    most = 0
    for array in arrays:
        most = max(most, sys.getrefcount(array))
    return most


_UNWATCHED = _most_held([np.empty(0)])


class Session:
    """A midge_model and a midge_session.

    Windows are arrays over the memory of tensors of the primary graph. They are made once and kept
    while that memory stays where it is, which makes reading and writing cheap. Arrays that go out
    to the user are views of windows, and hold them: so the count of references tells whether
    anybody looks into the session's memory, and every view keeps its Owner.
    """

    OWNER = Owner

    def __init__(self, path: Any = None, content: Optional[bytes] = None, *, threads: int = 1,
                 kernels: Optional[str] = None, preserve_all_tensors: bool = False,
                 profile: bool = False, defer_prepare: bool = True):
        self.owner = self.OWNER(content)
        self._lock, self._born = threading.RLock(), _library.forks[0]
        self.windows: dict = {}
        self._passing: list = []  # windows that were given out, of tensors that invoke moves
        self._facts: dict = {}
        self._tensors: dict = {}
        self._scales: dict = {}
        self.model = self.owner.model = load_model(path, content)
        self._create(threads, kernels, preserve_all_tensors, profile, defer_prepare)
        self.graphs = [self._graph(i) for i in range(quick.midge_inspect_graph_count(self.model))]
        self.signatures = self._read_signatures()

    def _create(self, threads: int, kernels: Optional[str], preserve_all_tensors: bool,
                profile: bool, defer_prepare: bool) -> None:
        options = quick.midge_session_options_default()
        options.threads = threads
        options.kernels = kernels.encode() if kernels else None
        options.preserve_all_tensors = preserve_all_tensors
        options.profile = profile
        options.defer_prepare = defer_prepare
        handle, error = ctypes.c_void_p(), _library.Error()
        if slow.midge_session_create(self.model, byref(options), byref(handle), byref(error)):
            raise ValueError(_library.message(error))
        self.handle = self.owner.handle = handle.value

    def turn(self) -> Any:
        """What to hold while using the session: one thread works with it at a time, others wait. In
        the child of a fork nobody does."""
        if self._born != _library.forks[0]:
            self._lock, self._born = threading.RLock(), _library.forks[0]
        return self._lock

    def _graph(self, index: int) -> GraphFacts:
        info = _library.GraphInfo()
        quick.midge_inspect_graph(self.model, index, byref(info))
        return GraphFacts(info.tensor_count, info.node_count,
                          tuple(info.inputs[:info.input_count]),
                          tuple(info.outputs[:info.output_count]))

    def _read_signatures(self) -> dict:
        found = {}
        for i in range(quick.midge_model_signature_count(self.model)):
            graph, inputs, outputs = ctypes.c_size_t(), ctypes.c_size_t(), ctypes.c_size_t()
            quick.midge_inspect_signature(self.model, i, byref(graph), byref(inputs),
                                          byref(outputs))
            key = text(quick.midge_model_signature_key(self.model, i))
            found[key] = Binding(graph.value, self._bound(i, False, inputs.value),
                                 self._bound(i, True, outputs.value))
        return found

    def _bound(self, signature: int, output: bool, count: int) -> dict:
        names = {}
        name, tensor = ctypes.c_char_p(), ctypes.c_int32()
        for i in range(count):
            quick.midge_inspect_binding(self.model, signature, output, i, byref(name),
                                        byref(tensor))
            names[text(name.value)] = tensor.value
        return names

    def check_index(self, index: Any, graph: Any = 0) -> tuple:
        """The numbers as int. Raises TypeError for what is no C int, ValueError out of range."""
        number, where = operator.index(index), operator.index(graph)
        if max(abs(number), abs(where)) > 0x7FFFFFFF:
            raise TypeError("%d is no number of a tensor" % max(number, where, key=abs))
        if not 0 <= where < len(self.graphs):
            raise ValueError("Invalid subgraph index %d exceeds max subgraph index %d" %
                             (where, len(self.graphs) - 1))
        if not 0 <= number < self.graphs[where].tensor_count:
            raise ValueError("Invalid tensor index %d exceeds max tensor index %d" %
                             (number, self.graphs[where].tensor_count - 1))
        return number, where

    def tensor(self, index: int, graph: int = 0) -> int:
        """The handle of a tensor."""
        key = (graph, index)
        handle = self._tensors.get(key)
        if handle is None:
            handle = quick.midge_session_graph_tensor(self.handle, graph, index)
            self._tensors[key] = handle
        return handle

    def facts(self, index: int, graph: int = 0) -> TensorFacts:
        key = (graph, index)
        found = self._facts.get(key)
        if found is None:
            info = self.inspect(index, graph)
            found = TensorFacts(text(info.name), info.type,
                                tuple(info.signature[:info.signature_rank]), info.sparse,
                                info.block_size, info.block_scales, info.block_zero_points)
            self._facts[key] = found
        return found

    def inspect(self, index: int, graph: int) -> _library.TensorInfo:
        info = _library.TensorInfo()
        quick.midge_inspect_tensor(self.model, graph, index, byref(info))
        return info

    def quantization(self, index: int, graph: int) -> tuple:
        """Scales (float32), zero points (int32) and the axis. The arrays are kept: copy them."""
        kept = self._scales.get((graph, index))
        if kept is None:
            found = self.inspect(index, graph).quantization
            count = found.count
            kept = (_array(found.scale, count, np.float32),
                    _array(found.zero_point, count, np.int64).astype(np.int32), found.axis)
            self._scales[graph, index] = kept
        return kept

    def constant(self, index: int, graph: int) -> Optional[np.ndarray]:
        """A copy of a constant's stored numbers as a row; None when it is not one."""
        info = self.inspect(index, graph)
        if not info.constant or info.type not in TYPES:
            return None
        stored = ctypes.string_at(info.constant, info.constant_bytes)
        return np.frombuffer(stored, TYPES[info.type].numpy).copy()

    def sparsity(self, index: int, graph: int) -> dict:
        """How a sparse constant is stored; empty for a dense tensor."""
        levels, blocks = ctypes.c_size_t(), ctypes.c_size_t()
        block_map = ctypes.POINTER(ctypes.c_int32)()
        if not quick.midge_inspect_sparsity(self.model, graph, index, byref(levels), byref(blocks),
                                            byref(block_map)):
            return {}
        order, rows = [], []
        level = _library.SparseLevel()
        for i in range(levels.value):
            quick.midge_inspect_sparse_level(self.model, graph, index, i, byref(level))
            order.append(level.dimension)
            if level.compressed:
                rows.append({
                    "format": 1,
                    "array_segments": _numbers(level.segments, level.segment_count,
                                               level.segment_bytes),
                    "array_indices": _numbers(level.indices, level.index_count,
                                              level.index_bytes)})
            else:
                rows.append({"format": 0, "dense_size": level.dense_size})
        found = {"traversal_order": np.array(order, np.int32)}
        if blocks.value:
            found["block_map"] = np.array(block_map[:blocks.value], np.int32)
        found["dim_metadata"] = rows
        return found

    def node_count(self) -> int:
        """Nodes of the primary graph."""
        return self.graphs[0].node_count

    def node(self, index: int) -> _library.NodeInfo:
        info = _library.NodeInfo()
        quick.midge_session_node(self.handle, index, byref(info))
        return info

    # What changes the session. `key` is a signature's, or None for the primary graph. Each raises
    # RuntimeError when it fails.

    def prepare(self, key: Optional[str] = None) -> None:
        """Shapes and memory. Forget windows first."""
        self.require(slow.midge_session_prepare(self.handle) if key is None else
                     slow.midge_signature_prepare(self._signature(key)))

    def invoke(self, key: Optional[str] = None) -> None:
        self.require(slow.midge_session_invoke(self.handle) if key is None else
                     slow.midge_signature_invoke(self._signature(key)))

    def resize(self, tensor: int, shape: tuple, key: Optional[str] = None) -> None:
        """Gives an input another shape. Forget windows first."""
        sizes = shape_array(shape)
        self.require(
            quick.midge_session_resize_input(self.handle, self.graphs[0].inputs.index(tensor),
                                             len(shape), sizes) if key is None else
            quick.midge_signature_resize_input(self._signature(key), self._input_name(key, tensor),
                                               len(shape), sizes))

    def write(self, tensor: int, stored: Any, size: int, key: Optional[str] = None) -> None:
        """Replaces the data of an input, which may be strings."""
        self.require(
            quick.midge_session_write_input(self.handle, self.graphs[0].inputs.index(tensor),
                                            stored, size) if key is None else
            quick.midge_signature_write_input(self._signature(key), self._input_name(key, tensor),
                                              stored, size))

    def reset(self) -> None:
        """Variables back to zero."""
        self.require(quick.midge_session_reset(self.handle))

    def _signature(self, key: str) -> int:
        return quick.midge_session_signature(self.handle, key.encode())

    def _input_name(self, key: str, tensor: int) -> bytes:
        return next(name for name, index in self.signatures[key].inputs.items()
                    if index == tensor).encode()

    def window(self, index: int) -> Optional[np.ndarray]:
        """The array over a tensor of the primary graph; read-only for a constant. None while the
        tensor has no memory, and for types that no array can show in place."""
        found = self.windows.get(index)
        if found is not None:
            return found
        tensor, facts = self.tensor(index), self.facts(index)
        address = quick.midge_tensor_data(tensor)
        if facts.kind in UNVIEWABLE or facts.sparse or (not address and 0 not in shape_of(tensor)):
            return None
        found = window(self.owner, tensor, facts.kind, address)
        if not quick.midge_tensor_is_dynamic(tensor):
            self.windows[index] = found
        return found

    def view(self, index: int) -> Optional[np.ndarray]:
        """An array for the user, which ensure_unwatched() knows of; None as of window()."""
        found = self.window(index)
        if found is not None and index not in self.windows:
            self._passing.append(found)
        return None if found is None else found.view()

    def ensure_unwatched(self) -> None:
        """Raises RuntimeError while arrays look into memory that may move."""
        if self._passing:
            if _most_held(self._passing) > _UNWATCHED:
                raise RuntimeError(_REFERENCE)
            self._passing.clear()
        if _most_held(self.windows.values()) > _UNWATCHED:
            raise RuntimeError(_REFERENCE)

    def forget_windows(self) -> None:
        """Before memory moves."""
        self.ensure_unwatched()
        self.windows.clear()

    def require(self, status: int) -> None:
        """Raises RuntimeError with the session's message when a call has failed."""
        if status:
            raise RuntimeError(text(quick.midge_session_message(self.handle)) or
                               _library.status_name(status))


def _array(pointer: Any, count: int, kind: Any) -> np.ndarray:
    """A copy of numbers of the library."""
    size = count * np.dtype(kind).itemsize
    return np.frombuffer(ctypes.string_at(pointer, size) if size else b"", kind)


def _numbers(address: int, count: int, size: int) -> np.ndarray:
    kind = {1: np.uint8, 2: np.uint16, 4: np.int32}[size]
    return np.frombuffer(ctypes.string_at(address, count * size), kind).astype(np.int32)


def file_path(path: Any) -> bytes:
    """A path as the library takes it."""
    encoded = os.fsencode(os.fspath(path))
    if b"\0" in encoded:
        raise ValueError("Could not open %r: a path holds no zero byte" % (path,))
    return encoded
