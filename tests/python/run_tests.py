# SPDX-License-Identifier: Apache-2.0
"""Runs test_*.py of this folder, or package_*.py with --packages, and counts; see run.

NumPy and Pillow come from the Python at hand or go into venv-python of the build folder.
"""
import importlib.util
import os
import pathlib
import subprocess
import sys
import time
import unittest
import venv

HERE = pathlib.Path(__file__).resolve().parent
PLACE = pathlib.Path(os.environ["MIDGE_BUILD"]) / "venv-python"


class Result(unittest.TestResult):
    """Counts, and tells what failed."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print("skip: %s: %s" % (test.id(), reason))

    def tell(self, test, error):
        print("FAILED %s\n%s" % (test.id(), self._exc_info_to_string(error, test)))

    def addError(self, test, error):
        super().addError(test, error)
        self.tell(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.tell(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.tell(subtest, error)


def lacking():
    return [need for module, need in (("numpy", "numpy"), ("PIL", "pillow"))
            if importlib.util.find_spec(module) is None]


def continue_in_environment():
    """Goes on in an environment that sees the packages of this Python and has what it lacks."""
    python = str(PLACE / "bin" / "python")
    if not os.path.exists(python):
        venv.create(str(PLACE), with_pip=True, system_site_packages=True)
    if not os.path.exists(str(PLACE / "complete")):
        done = subprocess.run([python, "-m", "pip", "install", "--quiet",
                               "--disable-pip-version-check", *lacking()])
        if done.returncode == 0:
            (PLACE / "complete").touch()
    os.execv(python, [python, *sys.argv])


def main():
    if lacking() and pathlib.Path(sys.prefix).resolve() != PLACE.resolve():
        try:
            continue_in_environment()
        except (OSError, subprocess.CalledProcessError, SystemExit) as error:
            print("skip: no environment at %s: %s" % (PLACE, error))
    if "numpy" in lacking():
        print("skip: NumPy cannot be had\n0 passed, 0 failed, 1 skipped")
        return 0
    sys.path.insert(0, str(HERE))
    pattern = "package_*.py" if "--packages" in sys.argv else "test_*.py"
    result = Result()
    start = time.time()
    unittest.defaultTestLoader.discover(str(HERE), pattern).run(result)
    failed = len(result.errors) + len(result.failures)
    print("Python %s, %.1f s" % (sys.version.split()[0], time.time() - start))
    print("%d passed, %d failed, %d skipped" % (result.passed, failed, len(result.skipped)))
    return 1 if failed else 0


sys.exit(main())
