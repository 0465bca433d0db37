# SPDX-License-Identifier: Apache-2.0
"""midge.keras under the name of tensorflow.keras."""
import sys as _sys

from midge import keras as _keras
from midge.keras import *  # noqa: F401,F403
from midge.keras import __all__, __getattr__, __version__  # noqa: F401

for _name in _keras.MODULES:
    _sys.modules[__name__ + "." + _name] = globals()[_name.split(".")[0]]
_sys.modules[__name__ + ".optimizers.schedules"] = _keras.optimizers.schedules
for _name in ("cifar10", "fashion_mnist", "mnist"):
    _sys.modules[__name__ + ".datasets." + _name] = getattr(_keras.datasets, _name)
