# SPDX-License-Identifier: Apache-2.0
"""Every CPython from 3.8 on that is at hand: in the path, and where pyenv keeps them. As a program it
prints their paths."""
import pathlib
import shutil
import subprocess
import sys


def interpreters():
    """Version -> path."""
    candidates = [shutil.which("python3.%d%s" % (minor, kind)) for minor in range(8, 30)
                  for kind in ("", "t")]
    candidates += sorted(map(str, pathlib.Path.home().glob(".pyenv/versions/3.*/bin/python3")))
    found = {}
    for python in filter(None, [sys.executable, *candidates]):
        done = subprocess.run([python, "-c", "import sys, venv, ensurepip; "
                               "print('%d.%d' % sys.version_info[:2] + 't' * ('t' in sys.abiflags))"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        version = done.stdout.decode().strip()
        if done.returncode == 0 and int(version.split(".")[1].rstrip("t")) >= 8:
            found.setdefault(version, python)
    return found


if __name__ == "__main__":
    print("\n".join(interpreters().values()))
