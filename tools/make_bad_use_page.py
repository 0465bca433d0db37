#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/bad-use.md: what the Python interpreter and the C library answer to calls in the
wrong order, with wrong values and at the wrong time, beside ai_edge_litert and Google's library
(which `tests/abi/run BUILD` fetches).

usage: make_bad_use_page.py BUILD     (with midge's package and ai_edge_litert to be imported)
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "python"))

import test_bad_use  # noqa: E402

sys.path.insert(0, str(ROOT / "tests" / "abi"))
from importlib.machinery import SourceFileLoader  # noqa: E402
from importlib.util import module_from_spec, spec_from_loader  # noqa: E402

HEAD = """# Bad use

Made by `tools/make_bad_use_page.py`. Each case runs in a process of its own; `tests/python/test_bad_use.py` and `tests/abi/run` hold the answers down.
Nothing dies or hangs in midge.

## Python

Beside ai_edge_litert 2.3 for x86-64. Of an error that is of two kinds, a program may catch either.

| what is done | midge | ai_edge_litert |
| --- | --- | --- |
"""

# What Google's library does where tests/abi/run compares nothing.
ELSE = {"threads_of_minus_two": "takes it", "resize_huge": "asks for 12 GiB"}

C_HEAD = """
## C

%d cases of `tests/abi/abuse.c`, which says what each answer means, beside Google's library for x86-64 out of the package `pymicro-wakeword`. It answers %d of them in the same way. The others:

| case | midge | Google's library |
| --- | --- | --- |
"""


def python_table():
    ours, theirs = test_bad_use.answers("midge"), test_bad_use.answers("ai_edge_litert")
    theirs["threads_on_one"] = "errors, wrong results or a crash"
    theirs["set_big_endian"] = "gives other numbers"
    return "".join("| %s | %s | %s |\n" % (
        text, ours[name], "same" if ours[name] == theirs[name] else theirs[name])
        for name, text in test_bad_use.described().items())


def c_table(build):
    loader = SourceFileLoader("abi_run", str(ROOT / "tests" / "abi" / "run"))
    run = module_from_spec(spec_from_loader("abi_run", loader))
    loader.exec_module(run)
    original = run.fetch_original(build)
    if original is None:
        sys.exit("Google's library cannot be had")
    ours, theirs = (run.abuse(build, library) for library in (build, original))
    rows = ["| `%s` | %s | %s |\n" % (
        name, ours[name], "dies" if theirs[name] == "signal" else
        ELSE.get(name, "reads what lies behind an array") if name in run.UNDEFINED
        else theirs[name])
        for name in ours if ours[name] != theirs[name]]
    return C_HEAD % (len(ours), len(ours) - len(rows)) + "".join(rows)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    page = HEAD + python_table() + c_table(pathlib.Path(sys.argv[1]).resolve())
    (ROOT / "docs" / "bad-use.md").write_text(page)


if __name__ == "__main__":
    main()
