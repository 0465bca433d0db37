# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from alias import setup_alias  # noqa: E402

setup_alias("tensorflow",
            ["tensorflow", "tensorflow.lite", "tensorflow.lite.python",
             "tensorflow.lite.experimental", "tensorflow.keras"],
            ["tensorflow", "tensorflow-cpu", "tensorflow-intel", "tensorflow-aarch64",
             "tf-nightly"])
