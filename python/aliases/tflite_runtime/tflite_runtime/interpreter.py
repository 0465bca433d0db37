# SPDX-License-Identifier: Apache-2.0
"""midge.interpreter under the name of tflite_runtime.interpreter."""
from midge.interpreter import (Delegate, Interpreter, InterpreterWithCustomOps, OpResolverType,
                               SignatureRunner, load_delegate)

__all__ = ["Delegate", "Interpreter", "InterpreterWithCustomOps", "OpResolverType",
           "SignatureRunner", "load_delegate"]
