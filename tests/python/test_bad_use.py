# SPDX-License-Identifier: Apache-2.0
"""What bad_use.py does to midge.interpreter must answer as docs/bad-use.md says, and never die or
hang; where ai_edge_litert is installed, its column must be true as well."""
import importlib.metadata
import importlib.util
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import models

ADD = "ADD x:f32[?,3] one:f32[3]={1} -> y:f32[?,3]; signature serve x=x -> y=y"
TWO = ("ADD a:f32[?] b:f32[?] -> c:f32[?]; signature add x=a y=b -> sum=c; graph second; "
       "MUL d:f32[?] e:f32[?] -> f:f32[?]; signature mul x=d y=e -> product=f")
HERE = pathlib.Path(__file__).resolve().parent
PAGE = models.ROOT / "docs" / "bad-use.md"

# Cases whose answer is a matter of chance in the original.
CHANCE = {"threads_on_one", "set_big_endian"}


def answers(package):
    """{case: answer}."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name, text in (("add", ADD), ("two", TWO)):
            paths.append(pathlib.Path(folder) / name)
            paths[-1].write_bytes(models.draft(text))
        done = subprocess.run([sys.executable, str(HERE / "bad_use.py"), package, *map(str, paths)],
                              stdout=subprocess.PIPE, check=True, timeout=300)
    return dict(line.split("\t") for line in done.stdout.decode().splitlines())


def described():
    """{case: what it does}."""
    found = importlib.util.spec_from_file_location("bad_use", str(HERE / "bad_use.py"))
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return {name: getattr(module.Cases, name).__doc__ for name in module.names()}


def page_rows():
    """{what is done: [midge's answer, the original's]}; "same" resolved."""
    rows = {}
    for line in PAGE.read_text().split("## C")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == 3 and cells[0] != "what is done" and \
                not re.match("^-+$", cells[0]):
            rows[cells[0]] = [cells[1], cells[1] if cells[2] == "same" else cells[2]]
    return rows


def listed(column):
    rows, about = page_rows(), described()
    return {name: rows.get(text, [None, None])[column] for name, text in about.items()}


class BadUse(unittest.TestCase):
    maxDiff = None

    def test_midge(self):
        found = answers("midge")
        self.assertEqual({name: text for name, text in found.items()
                          if text in ("dies", "hangs", "")}, {})
        self.assertEqual(found, listed(0))

    def test_original(self):
        try:
            if not importlib.metadata.version("ai-edge-litert").startswith("2.3."):
                self.skipTest("another version of ai_edge_litert")
        except importlib.metadata.PackageNotFoundError:
            self.skipTest("ai_edge_litert is not installed")
        found, right = answers("ai_edge_litert"), listed(1)
        for name in CHANCE:
            found.pop(name), right.pop(name)
        self.assertEqual(found, right)


if __name__ == "__main__":
    unittest.main()
