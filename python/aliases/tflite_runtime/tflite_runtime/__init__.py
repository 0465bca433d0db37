# SPDX-License-Identifier: Apache-2.0
"""The import name tflite_runtime for midge."""

# The version of tflite_runtime whose interface this is.
__version__ = "2.14.0"
