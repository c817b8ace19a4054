#!/usr/bin/python3
"""Runs files of Python unit tests and prints TAP: unittest_tap.py FILE...

Exits with 1 if a test failed or a file held none.  What a failed test said
follows its line as a comment.
"""

import importlib
import pathlib
import sys
import traceback
import unittest


class TapResult(unittest.TestResult):
    """Prints each result as soon as it is there."""

    def __init__(self, number):
        super().__init__()
        self.number = number
        self.failed = 0
        self.broken_subtests = False

    def line(self, good, text, error=None):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {text}")
        for line in "".join(traceback.format_exception(*error) if error else []).splitlines():
            print(f"#   {line}")
        sys.stdout.flush()

    def startTest(self, test):
        super().startTest(test)
        self.broken_subtests = False

    def addSuccess(self, test):
        # Also called after subtests that failed and have had their lines.
        if not self.broken_subtests:
            self.line(True, test.id())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line(False, test.id(), err)

    def addError(self, test, err):
        # The "test" is no more than a description if setUpClass failed.
        super().addError(test, err)
        self.line(False, test.id(), err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.broken_subtests = True
            self.line(False, subtest.id(), err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line(True, f"{test.id()} # SKIP {reason}")

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.line(True, test.id())

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.line(False, f"{test.id()} is expected to fail")


def run_file(path, number):
    """The number of the last test, and how many failed."""
    # A result of its own: it keeps the class to tear down.
    result = TapResult(number)
    print(f"# {path.name}")
    sys.path.insert(0, str(path.parent))
    try:
        module = importlib.import_module(path.stem)
        unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
    finally:
        sys.path.pop(0)
    if result.number == number:
        result.line(False, f"{path.name} holds tests")
    return result.number, result.failed


def main():
    # The files look at the arguments themselves when they are loaded.
    files = [pathlib.Path(name).resolve() for name in sys.argv[1:]]
    sys.argv[1:] = []
    number = failed = 0
    for path in files:
        number, failures = run_file(path, number)
        failed += failures
    print(f"1..{number}")
    sys.exit(1 if failed or number == 0 else 0)


if __name__ == "__main__":
    main()
