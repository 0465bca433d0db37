# SPDX-License-Identifier: Apache-2.0
"""Delegates and kernels of tensorflow.lite.experimental."""
from midge.interpreter import OpResolverType, load_delegate

__all__ = ["OpResolverType", "load_delegate"]
