# SPDX-License-Identifier: Apache-2.0
"""The interpreter of tensorflow.lite."""
from midge.interpreter import Interpreter
from tensorflow.lite import experimental

__all__ = ["Interpreter", "experimental"]


def __getattr__(name: str):
    raise AttributeError("module 'tensorflow.lite' has no attribute '%s': this is midge, which has "
                         "tensorflow.lite.Interpreter but not TensorFlow" % name)
