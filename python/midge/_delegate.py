# SPDX-License-Identifier: Apache-2.0
"""Delegates of TensorFlow Lite in shared libraries."""
from __future__ import annotations

import ctypes
from typing import Any, Mapping, Optional

from midge import _delegated


class DelegateLoadError(OSError, ValueError):
    """A delegate's library is missing. Packages differ in whether that is an OSError
    (ai_edge_litert) or a ValueError (tflite_runtime): this is both."""


class NoDelegateError(AttributeError, ValueError):
    """A library has no delegate in it: an AttributeError in the originals."""


class Delegate:
    """A TensorFlow Lite delegate in a shared library.

    Args:
        library: name or path of the shared library. It must have tflite_plugin_create_delegate and
            tflite_plugin_destroy_delegate.
        options: what the delegate is told; keys and values are turned into str.

    Raises:
        OSError, ValueError: the library cannot be opened; the error is both.
        AttributeError, ValueError: there is no delegate in it; the error is both.
        ValueError: the delegate refuses.
    """

    _library: Optional[ctypes.CDLL] = None

    def __init__(self, library: str, options: Optional[Mapping[Any, Any]] = None):
        try:
            _delegated.library()
            loaded = ctypes.PyDLL(library)
        except OSError as error:
            raise DelegateLoadError(*error.args) from None
        try:
            create = loaded.tflite_plugin_create_delegate
            self._destroy = loaded.tflite_plugin_destroy_delegate
        except AttributeError as error:
            raise NoDelegateError(str(error)) from None
        report_type = ctypes.CFUNCTYPE(None, ctypes.c_char_p)
        strings = ctypes.POINTER(ctypes.c_char_p)
        create.argtypes = [strings, strings, ctypes.c_size_t, report_type]
        create.restype = ctypes.c_void_p
        self._destroy.argtypes = [ctypes.c_void_p]
        self._destroy.restype = None
        given = [(str(key).encode(), str(value).encode())
                 for key, value in (options or {}).items()]
        keys = (ctypes.c_char_p * len(given))(*[key for key, _ in given])
        values = (ctypes.c_char_p * len(given))(*[value for _, value in given])
        complaints: list = []
        report = report_type(lambda line: complaints.append((line or b"").decode("utf-8",
                                                                                 "replace")))
        self._delegate_ptr = create(keys, values, len(given), report)
        if self._delegate_ptr is None:
            raise ValueError("".join(complaints) or "the delegate could not be created")
        self._library = loaded

    def __del__(self):
        if self._library is not None:
            self._destroy(self._delegate_ptr)
            self._library = None

    def _get_native_delegate_pointer(self) -> int:
        return self._delegate_ptr


def load_delegate(library: str, options: Optional[Mapping[Any, Any]] = None) -> Delegate:
    """Loads a delegate; see Delegate for arguments and errors. Give it to Interpreter, which then
    lets it compute the nodes that it takes.
    """
    try:
        return Delegate(library, options)
    except (DelegateLoadError, NoDelegateError):
        raise
    except ValueError as error:
        raise ValueError("Failed to load delegate from {}\n{}".format(library, error)) from None
