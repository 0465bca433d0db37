# SPDX-License-Identifier: Apache-2.0
"""midge.converter and midge.interpreter under the name of tensorflow.lite.python.lite."""
from midge.converter import (Optimize, OpsSet, RepresentativeDataset, TargetSpec,
                             TFLiteConverter)
from midge.interpreter import Interpreter

__all__ = ["Interpreter", "OpsSet", "Optimize", "RepresentativeDataset", "TFLiteConverter",
           "TargetSpec"]
