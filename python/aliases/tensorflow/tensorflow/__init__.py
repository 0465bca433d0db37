# SPDX-License-Identifier: Apache-2.0
"""The import name tensorflow for midge: tensorflow.lite, and of tensorflow.keras what trains on a
device."""
import importlib as _importlib

from midge._element_types import TYPES as _TYPES, DType, as_dtype
from tensorflow import lite, nn, random

float16, float32, float64 = _TYPES["float16"], _TYPES["float32"], _TYPES["float64"]
int8, int16, int32, int64 = (_TYPES[_name] for _name in ("int8", "int16", "int32", "int64"))
uint8, uint16, uint32, uint64 = (_TYPES[_name] for _name in ("uint8", "uint16", "uint32", "uint64"))
bool, string = _TYPES["bool"], _TYPES["string"]  # pylint: disable=redefined-builtin
complex64, complex128 = _TYPES["complex64"], _TYPES["complex128"]

# The version of TensorFlow whose interface this is a part of.
__version__ = "2.19.0"
__all__ = ["DType", "as_dtype", "bool", "complex64", "complex128", "float16", "float32", "float64",
           "int16", "int32", "int64", "int8", "keras", "lite", "nn", "random", "string", "uint16",
           "uint32", "uint64", "uint8"]


def __getattr__(name: str):
    if name == "keras":  # what only runs models does without it
        return _importlib.import_module("tensorflow.keras")
    raise AttributeError("module 'tensorflow' has no attribute '%s': this is midge, which has "
                         "tensorflow.lite and tensorflow.keras but not TensorFlow" % name)
