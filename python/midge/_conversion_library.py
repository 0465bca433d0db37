# SPDX-License-Identifier: Apache-2.0
"""Structures and functions of midge_tools.h that make .tflite files."""
from __future__ import annotations

from ctypes import (CFUNCTYPE, POINTER, Structure, c_bool, c_char_p, c_double, c_int, c_int32,
                    c_size_t, c_void_p)

from midge import _library
from midge._library import Error

__all__ = ["ConvertOptions", "MODES", "OptimizeOptions", "PROGRESS", "RANGES", "REPORT", "SAMPLE"]

MODES = {"none": 0, "float16": 1, "dynamic": 2, "int8": 3, "int16x8": 4}
RANGES = {"all": 0, "percentile": 1, "least-error": 2}

SAMPLE = CFUNCTYPE(c_int, c_void_p, c_size_t, c_void_p, POINTER(Error))
PROGRESS = CFUNCTYPE(c_bool, c_void_p, c_size_t, c_size_t)
REPORT = CFUNCTYPE(None, c_void_p, c_char_p, c_char_p, c_char_p)


class OptimizeOptions(Structure):
    _fields_ = [("size", c_size_t), ("allocator", c_void_p), ("mode", c_int), ("threads", c_int),
                ("sample_count", c_size_t), ("sample", SAMPLE), ("progress", PROGRESS),
                ("context", c_void_p), ("range", c_int), ("percentile", c_double),
                ("input_type", c_int), ("output_type", c_int), ("keep_float_count", c_size_t),
                ("keep_float", POINTER(c_char_p)), ("correct_bias", c_bool), ("prune", c_bool),
                ("sparsity", c_double), ("clusters", c_int32), ("equalize", c_bool)]


class ConvertOptions(Structure):
    _fields_ = [("size", c_size_t), ("allocator", c_void_p), ("batch", c_int32),
                ("report", REPORT), ("context", c_void_p), ("signature", c_char_p)]


SLOW = {
    "midge_convert_file": (c_int, c_char_p, POINTER(ConvertOptions), POINTER(c_void_p),
                           POINTER(c_size_t), POINTER(Error)),
    "midge_optimize": (c_int, c_void_p, POINTER(OptimizeOptions), POINTER(c_void_p),
                       POINTER(c_size_t), POINTER(Error)),
}
QUICK = {
    "midge_optimize_options_default": (OptimizeOptions,),
    "midge_optimize_free": (None, c_void_p, c_void_p),
    "midge_convert_free": (None, c_void_p, c_void_p),
}
slow = _library.declare(_library.slow, SLOW)
quick = _library.declare(_library.quick, QUICK)
