#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/tflite-c-names.md: every function that libtensorflowlite_c.so exports, by header, and
how it answers compared with Google's library.

usage: make_tflite_names.py [--check]    (--check: exit 1 when the page is out of date)
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = ROOT / "compat" / "tflite" / "include"
EXPORTS = ROOT / "compat" / "tflite" / "exports.txt"
PAGE = ROOT / "docs" / "tflite-c-names.md"

# Headers whose own names say too little, by the folder above.
SHOWN = {"interop": "interop/c/types.h"}

# Functions that Google's library has not got.
OWN = "midge_tflite.h"

# What one would not guess of a function that keeps its contract.
NOTES = {
    "TfLiteVersion": "the version whose interface it is",
    "TfLiteInterpreterOptionsSetUseNNAPI": "without effect, as everywhere but on Android",
    "TfLiteInterpreterOptionsSetTelemetryProfiler": "accepted; nothing is reported, and the nine "
                                                    "functions that read reports are left out",
    "TfLiteOperatorSetAsyncKernel": "kept; neither library has functions that run it",
    "TfLiteOperatorSetAsyncKernelWithData": "kept; neither library has functions that run it",
    "TfLiteNnapiDelegateCreate": "takes no node, as everywhere but on Android",
    "midge_tflite_options_preserve_all_tensors": "`InterpreterOptions::SetPreserveAllTensors`",
    "midge_tflite_options_kernels": "`BuiltinRefOpResolver`",
    "midge_tflite_set_threads": "`Interpreter::SetNumThreads`",
    "midge_tflite_set_external_context": "`Interpreter::SetExternalContext`",
    "TfLiteXNNPackDelegateCreate": "made and applied; midge's kernels run all nodes",
    "TfLiteXNNPackDelegateCreateWithThreadpool": "the interpreter's threads are used",
    "TfLiteXNNPackDelegateGetThreadPool": "NULL: it has none of its own",
    "TfLiteXNNPackDelegateCanUseInMemoryWeightCacheProvider": "false",
    "TfLiteXNNPackDelegateWeightsCacheCreate": "there is nothing to cache",
}


def headers():
    """The header that declares each function, as its short name."""
    found = {}
    for path in sorted((INCLUDE / "tensorflow").rglob("*.h")) + [INCLUDE / OWN]:
        for match in re.finditer(r"TFL_CAPI_EXPORT[^;(]*?\b(\w+)\s*\(", path.read_text()):
            found.setdefault(match.group(1), SHOWN.get(path.parent.parent.name, path.name))
    return found


def page():
    declared, names = headers(), EXPORTS.read_text().split()
    missing = [name for name in names if name not in declared]
    if missing:
        sys.exit(f"no header declares {', '.join(missing)}")
    groups = {}
    for name in names:
        groups.setdefault(declared[name], []).append(name)
    out = ["# The functions of libtensorflowlite_c.so", "",
           "Made by `tools/make_tflite_names.py`. *Same*: the documented behaviour of Google's "
           "library; [tflite-c.md](tflite-c.md) says where that leaves",
           "room. *Added*: Google's library has it in C++ and Python only. `tests/abi` calls them, on both libraries where Google's can be had.", ""]
    for header in sorted(groups, key=lambda name: (name != "c_api.h", name)):
        out += [f"## {header} ({len(groups[header])})", "", "| function | state | |",
                "| --- | --- | --- |"]
        state = "added" if header == OWN else "same"
        out += [f"| `{name}` | {state} | {NOTES.get(name, '')} |" for name in groups[header]]
        out.append("")
    return "\n".join(out)


def main():
    text = page()
    if "--check" in sys.argv[1:]:
        sys.exit(PAGE.read_text() != text)
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
