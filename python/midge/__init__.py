# SPDX-License-Identifier: Apache-2.0
"""midge runs TensorFlow Lite models.

    import midge
    model = midge.load("model.tflite")
    scores = model(pixels)
    print(midge.classify("bag.png"))
    midge.convert("model.keras", "model.tflite")

`midge.interpreter` is the interface of tflite_runtime and ai_edge_litert, `midge.converter` that of
tensorflow.lite.TFLiteConverter, `midge.keras` as much of tensorflow.keras as trains on a device.
"""
from midge._library import quick as _quick, text as _text
from midge.conversion import convert
from midge.interpreter import (Delegate, Interpreter, OpResolverType, SignatureRunner,
                               load_delegate)
from midge.model import Model, Port, Profile, load
from midge.pictures import Classifier, Result, classify

__version__ = _text(_quick.midge_version())
__all__ = ["Classifier", "Delegate", "Interpreter", "Model", "OpResolverType", "Port", "Profile",
           "Result", "SignatureRunner", "classify", "convert", "load", "load_delegate"]
