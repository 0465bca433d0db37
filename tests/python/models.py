# SPDX-License-Identifier: Apache-2.0
"""Models for the tests: files of the tree, and models written as text (tests/draft/draft.h)."""
import functools
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT_IN = ROOT / "models" / "fashion_mnist_int8.tflite"
SHARED = ROOT.parent / "shared" / "models"
BUILD = pathlib.Path(os.environ.get("MIDGE_BUILD", ROOT / "build"))


@functools.lru_cache(maxsize=None)
def draft(text):
    """The bytes of a model written as text."""
    writer = BUILD / "tests" / "write_draft"
    if not writer.exists():
        raise unittest.SkipTest("the build has no tests/write_draft")
    return subprocess.run([str(writer), text], check=True, stdout=subprocess.PIPE).stdout


def shared(name):
    """The path of a published model, which need not be there."""
    path = SHARED / name
    if not path.exists():
        raise unittest.SkipTest("there is no %s" % name)
    return str(path)
