# SPDX-License-Identifier: Apache-2.0
"""Runs test_*.py of this folder, or package_*.py with --packages, and counts; see run.

NumPy comes from the Python at hand or goes into build/venv-python.
"""
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "tools")]

import python_env


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


def main():
    reason = python_env.continue_in({"numpy": "numpy"}, "venv-python")
    if reason:
        print("skip: %s\n0 passed, 0 failed, 1 skipped" % reason)
        return 0
    pattern = "package_*.py" if "--packages" in sys.argv else "test_*.py"
    result = Result()
    start = time.time()
    unittest.defaultTestLoader.discover(str(HERE), pattern).run(result)
    failed = len(result.errors) + len(result.failures)
    print("Python %s, %.1f s" % (sys.version.split()[0], time.time() - start))
    print("%d passed, %d failed, %d skipped" % (result.passed, failed, len(result.skipped)))
    return 1 if failed else 0


sys.exit(main())
