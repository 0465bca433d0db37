# SPDX-License-Identifier: Apache-2.0
"""The import name tensorflow for midge: tensorflow.lite.Interpreter and what belongs to it."""
from tensorflow import lite

# The version of TensorFlow whose tensorflow.lite.Interpreter this is.
__version__ = "2.19.0"
__all__ = ["lite"]


def __getattr__(name: str):
    raise AttributeError("module 'tensorflow' has no attribute '%s': this is midge, which has "
                         "tensorflow.lite.Interpreter but not TensorFlow" % name)
