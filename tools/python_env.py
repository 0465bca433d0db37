# SPDX-License-Identifier: Apache-2.0
"""Finds or makes a Python that has the packages a script needs, and goes on in it.

The packages are only ever installed into a virtual environment below build/, and only when the
Python at hand lacks them.
"""
import os
import pathlib
import subprocess
import sys
import venv

# The reference runtime: one version, so that what was compared can be said in one word.
LITERT = {"ai_edge_litert": "ai-edge-litert==2.3.0", "numpy": "numpy"}
ROOT = pathlib.Path(__file__).resolve().parent.parent


def has(python, module):
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({module!r}) is None)"
    return subprocess.run([python, "-c", code], capture_output=True).returncode == 0


def interpreter_with(packages, folder, optional=()):
    """(path of a Python, "") or (None, reason). `packages`: module -> requirement."""
    if all(has(sys.executable, module) for module in packages):
        return sys.executable, ""
    place = ROOT / "build" / folder
    python = str(place / "bin" / "python")
    try:
        if not pathlib.Path(python).exists():
            venv.create(place, with_pip=True)
    except (OSError, subprocess.CalledProcessError, SystemExit) as error:
        return None, f"no virtual environment at {place}: {error}"
    missing = [need for module, need in packages.items() if not has(python, module)]
    if missing:
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*install, *missing], capture_output=True, text=True)
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["pip failed"]
            return None, f"cannot install {' '.join(missing)}: {lines[-1]}"
    for module, need in dict(optional).items():
        if not has(python, module):
            subprocess.run([python, "-m", "pip", "install", "--quiet", need], capture_output=True)
    return python, ""


def continue_in(packages, folder, optional=()):
    """Restarts the running script in a Python that has `packages`; returns a reason if none can
    be had, and "" once it runs in one."""
    python, reason = interpreter_with(packages, folder, optional)
    if python is None:
        return reason
    if python != sys.executable:
        os.execv(python, [python, *sys.argv])
    return ""
