# SPDX-License-Identifier: Apache-2.0
"""Runs a model with the installed Python package and says where its parts come from.
usage: run_model.py MODEL ROOT"""
import importlib.metadata
import subprocess
import sys

import midge
import numpy as np
from midge import _delegated, _library
from midge.interpreter import Interpreter

model, root = sys.argv[1:]
assert midge.__file__.startswith(root), midge.__file__
assert _library.path == "libmidge-tools.so.0", _library.path
assert _delegated.library().midge_tflite_session(None) is None
assert importlib.metadata.version("midge") == _library.text(_library.quick.midge_version())
interpreter = Interpreter(model_path=model)
interpreter.allocate_tensors()
entry = interpreter.get_input_details()[0]
interpreter.set_tensor(entry["index"], np.zeros(entry["shape"], entry["dtype"]))
interpreter.invoke()
assert np.ptp(interpreter.get_tensor(interpreter.get_output_details()[0]["index"])) > 0
shown = subprocess.run([sys.executable, "-m", "midge", "--version"], stdout=subprocess.PIPE, check=True)
assert b"midge" in shown.stdout
