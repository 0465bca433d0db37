# SPDX-License-Identifier: Apache-2.0
"""Runs programs on this project's library and on the original, and keeps a table of how they did."""
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
INCLUDE = ROOT / "compat/tflite/include"

# What programs include that are not C++.
C_HEADERS = ["tensorflow/lite/" + name for name in (
    "c/c_api.h", "c/c_api_experimental.h", "c/c_api_opaque.h", "c/common.h", "builtin_ops.h",
    "c/builtin_op_data.h", "delegates/xnnpack/xnnpack_delegate.h",
    "delegates/external/external_delegate.h", "core/c/operator.h",
    "core/async/interop/c/types.h", "delegates/nnapi/nnapi_delegate_c_api.h")] + ["midge_tflite.h"]

rows = []


def run(command, folder, given=None, **environment):
    env = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    return subprocess.run([str(part) for part in command], cwd=folder, env=env, input=given,
                          capture_output=True, text=True, errors="replace", timeout=900)


def record(name, verdict, detail):
    rows.append((name, verdict, detail))


def last_line(text):
    return (text.strip().splitlines() or ["?"])[-1][:90]


def worst(ours, theirs):
    """The largest difference between numbers of two texts; None when the texts differ otherwise."""
    left, right = ours.split(), theirs.split()
    if len(left) != len(right):
        return None
    apart = 0.0
    for a, b in zip(left, right):
        if a != b:
            try:
                apart = max(apart, abs(float(a.strip("[],")) - float(b.strip("[],"))))
            except ValueError:
                return None
    return apart


def compare(name, make, ours, original, bound):
    """`make(which)` runs the program on `ours` or on `original`, which may be None."""
    mine = make(ours)
    if mine.returncode != 0:
        record(name, "FAILED", last_line(mine.stderr))
        return
    lines = len(mine.stdout.splitlines())
    if lines == 0:
        record(name, "FAILED", "prints nothing")
        return
    if original is None:
        record(name, "ran", f"{lines} lines, nothing to compare with")
        return
    other = make(original)
    if other.returncode != 0:
        record(name, "ran", f"{lines} lines; the original fails: {last_line(other.stderr)}")
        return
    apart = worst(mine.stdout, other.stdout)
    good = apart is not None and apart <= bound
    record(name, "ran" if good else "FAILED",
           f"{lines} lines, apart by {apart if apart is None else round(apart, 6)} (bound {bound})")
