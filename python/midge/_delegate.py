# SPDX-License-Identifier: Apache-2.0
"""Delegates: loaded as TensorFlow Lite loads them, so that programs which try one and fall back
find what they expect."""
from __future__ import annotations

import ctypes
from typing import Any, Mapping, Optional


class DelegateLoadError(OSError, ValueError):
    """A delegate's library is missing. Packages differ in whether that is an OSError
    (ai_edge_litert) or a ValueError (tflite_runtime): this is both."""


class Delegate:
    """A TensorFlow Lite delegate in a shared library.

    Args:
        library: name or path of the shared library. It must have tflite_plugin_create_delegate and
            tflite_plugin_destroy_delegate.
        options: what the delegate is told; keys and values are turned into str.

    Raises:
        OSError, ValueError: the library cannot be opened (the error is both), or is no delegate.
        ValueError: the delegate refuses.
    """

    _library: Optional[ctypes.CDLL] = None

    def __init__(self, library: str, options: Optional[Mapping[Any, Any]] = None):
        try:
            loaded = ctypes.PyDLL(library)
        except OSError as error:
            raise DelegateLoadError(*error.args) from None
        try:
            create = loaded.tflite_plugin_create_delegate
            self._destroy = loaded.tflite_plugin_destroy_delegate
        except AttributeError as error:
            raise DelegateLoadError(str(error)) from None
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
    """Loads a delegate; see Delegate for arguments and errors.

    midge computes on the CPU and leaves delegates unused: an interpreter accepts them, warns, and
    gives the results it would give without.
    """
    try:
        return Delegate(library, options)
    except DelegateLoadError:
        raise
    except ValueError as error:
        raise ValueError("Failed to load delegate from {}\n{}".format(library, error)) from None
