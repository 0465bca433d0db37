# SPDX-License-Identifier: Apache-2.0
"""The interpreter and the converter of tensorflow.lite."""
from midge.converter import (Optimize, OpsSet, RepresentativeDataset, TargetSpec,
                             TFLiteConverter)
from midge.interpreter import Interpreter
from tensorflow.lite import experimental

__all__ = ["Interpreter", "OpsSet", "Optimize", "RepresentativeDataset", "TFLiteConverter",
           "TargetSpec", "experimental"]


def __getattr__(name: str):
    raise AttributeError("module 'tensorflow.lite' has no attribute '%s': this is midge, which has "
                         "%s there" % (name, ", ".join(__all__)))
