# SPDX-License-Identifier: Apache-2.0
"""Sessions whose nodes delegates of TensorFlow Lite take.

libmidge-delegates.so is TensorFlow Lite's C interface over the library that this package uses
already: its interpreter runs a session, which is anew whenever delegates are applied or taken off.
It is loaded when the first delegate is, before the delegate's own library, which finds in it what
it needs of libtensorflowlite_c.so.
"""
from __future__ import annotations

import ctypes
import functools
import os
from ctypes import (CFUNCTYPE, POINTER, c_bool, c_char_p, c_int, c_int32, c_size_t, c_void_p)
from typing import Any, List, Optional, Sequence

from midge import _library
from midge._library import slow
from midge._session import Owner, Session
from midge._values import shape_array

_NAME = "libmidge-delegates.so"

# What the library reports: one finished line as the format, `%` doubled.
_REPORT = CFUNCTYPE(None, c_void_p, c_char_p, c_void_p)

_OK = 0

_FUNCTIONS = {
    "TfLiteInterpreterOptionsCreate": (c_void_p,),
    "TfLiteInterpreterOptionsDelete": (None, c_void_p),
    "TfLiteInterpreterOptionsSetNumThreads": (None, c_void_p, c_int32),
    "TfLiteInterpreterOptionsSetErrorReporter": (None, c_void_p, _REPORT, c_void_p),
    "midge_tflite_options_preserve_all_tensors": (None, c_void_p, c_bool),
    "midge_tflite_options_kernels": (None, c_void_p, c_char_p),
    "midge_tflite_interpreter_of": (c_void_p, c_void_p, c_void_p),
    "midge_tflite_session": (c_void_p, c_void_p),
    "midge_tflite_resize": (c_int, c_void_p, c_char_p, c_int32, c_int, POINTER(c_int32)),
    "midge_tflite_allocate": (c_int, c_void_p, c_char_p),
    "midge_tflite_invoke": (c_int, c_void_p, c_char_p),
    "midge_tflite_write_strings": (c_int, c_void_p, c_char_p, c_int32, c_char_p, c_size_t),
    "midge_tflite_node_count": (c_size_t, c_void_p),
    "midge_tflite_node": (c_bool, c_void_p, c_size_t, POINTER(_library.NodeInfo)),
    "TfLiteInterpreterModifyGraphWithDelegate": (c_int, c_void_p, c_void_p),
    "TfLiteInterpreterResetVariableTensors": (c_int, c_void_p),
    "TfLiteInterpreterDelete": (None, c_void_p),
}


def _folder() -> str:
    """Where the library in use lies; of one that the loader has found, its map of memory knows."""
    if os.path.dirname(_library.path):
        return os.path.dirname(os.path.realpath(_library.path))
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        for line in maps:
            place, name = os.path.split(line.rstrip("\n").partition("/")[2])
            if name.startswith("libmidge-tools.so"):
                return "/" + place
    raise OSError("libmidge-tools.so is nowhere in this process")


@functools.lru_cache(maxsize=None)
def library() -> ctypes.CDLL:
    """The library of delegates. Raises OSError when this installation lacks it."""
    folder = _folder()
    beside = os.path.join(folder, _NAME)
    found = ctypes.CDLL(beside if os.path.exists(beside) else
                        os.path.join(folder, "midge", _NAME))
    return _library.declare(found, _FUNCTIONS)


class DelegatedOwner(Owner):
    """Holds an interpreter of that library, and the delegates, which must outlive it."""

    __slots__ = ("interpreter", "delegates", "reporter", "lines")

    def __init__(self, content: Optional[bytes]):
        super().__init__(content)
        self.interpreter = None
        self.delegates: Sequence[Any] = ()
        self.lines: List[str] = []
        self.reporter = _REPORT(lambda _, line, __: self.lines.append(
            _library.text(line).replace("%%", "%")))

    def __del__(self, slow: Any = slow, library: Any = library):
        if self.interpreter is not None:
            library().TfLiteInterpreterDelete(self.interpreter)
        if self.model is not None:
            slow.midge_model_free(self.model)


class DelegatedSession(Session):
    """A Session of which delegates may take nodes."""

    OWNER = DelegatedOwner

    def _create(self, threads: int, kernels: Optional[str], preserve_all_tensors: bool,
                profile: bool, defer_prepare: bool) -> None:
        use, owner = library(), self.owner
        options = use.TfLiteInterpreterOptionsCreate()
        try:
            use.TfLiteInterpreterOptionsSetNumThreads(options, threads)
            use.TfLiteInterpreterOptionsSetErrorReporter(options, owner.reporter, None)
            use.midge_tflite_options_preserve_all_tensors(options, preserve_all_tensors)
            use.midge_tflite_options_kernels(options, kernels.encode() if kernels else None)
            owner.interpreter = use.midge_tflite_interpreter_of(self.model, options)
        finally:
            use.TfLiteInterpreterOptionsDelete(options)
        if owner.interpreter is None:
            raise ValueError(self._told() or "the interpreter could not be made")
        self.handle = None
        self._follow()

    def apply(self, delegates: Sequence[Any]) -> None:
        """Lets delegates take nodes, in their order. Raises RuntimeError when one fails."""
        self.owner.delegates = delegates
        for delegate in delegates:
            self._require(library().TfLiteInterpreterModifyGraphWithDelegate(
                self.owner.interpreter, delegate._get_native_delegate_pointer()))

    def _told(self) -> str:
        """What was reported since the last time."""
        told = "; ".join(self.owner.lines)
        self.owner.lines.clear()
        return told

    def _follow(self) -> None:
        """After a call that may have made the session anew."""
        now = library().midge_tflite_session(self.owner.interpreter)
        if now != self.handle:
            self.handle = now
            self.windows.clear()
            self._tensors.clear()

    def _require(self, status: int) -> None:
        self._follow()
        told = self._told()
        if status != _OK:
            raise RuntimeError(told or "a delegate failed with status %d" % status)

    @staticmethod
    def _key(key: Optional[str]) -> Optional[bytes]:
        return None if key is None else key.encode()

    def prepare(self, key: Optional[str] = None) -> None:
        self._require(library().midge_tflite_allocate(self.owner.interpreter, self._key(key)))

    def invoke(self, key: Optional[str] = None) -> None:
        self._require(library().midge_tflite_invoke(self.owner.interpreter, self._key(key)))

    def resize(self, tensor: int, shape: tuple, key: Optional[str] = None) -> None:
        self._require(library().midge_tflite_resize(self.owner.interpreter, self._key(key), tensor,
                                                    len(shape), shape_array(shape)))

    def write(self, tensor: int, stored: Any, size: int, key: Optional[str] = None) -> None:
        super().write(tensor, stored, size, key)
        self._require(library().midge_tflite_write_strings(self.owner.interpreter, self._key(key),
                                                           tensor, stored, size))

    def reset(self) -> None:
        self._require(library().TfLiteInterpreterResetVariableTensors(self.owner.interpreter))

    def node_count(self) -> int:
        return library().midge_tflite_node_count(self.owner.interpreter)

    def node(self, index: int) -> _library.NodeInfo:
        info = _library.NodeInfo()
        library().midge_tflite_node(self.owner.interpreter, index, ctypes.byref(info))
        return info
