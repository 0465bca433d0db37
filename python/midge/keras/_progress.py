# SPDX-License-Identifier: Apache-2.0
"""What fit, evaluate and predict print: Keras' lines."""
from __future__ import annotations

import sys
import time
from typing import Dict

__all__ = ["Line", "as_verbosity"]

_WIDTH = 20


def as_verbosity(verbose: object) -> int:
    """0 silent, 1 a bar, 2 a line an epoch; "auto" is a bar."""
    return 1 if verbose == "auto" or verbose is True else int(verbose or 0)  # type: ignore


def _duration(seconds: float) -> str:
    if seconds > 3600:
        return "%d:%02d:%02d" % (seconds // 3600, seconds % 3600 // 60, seconds % 60)
    return "%d:%02d" % (seconds // 60, seconds % 60) if seconds > 60 else "%ds" % seconds


def _per_step(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return "%.0fs/step" % seconds
    return "%.0fms/step" % (seconds * 1e3) if seconds >= 1e-3 else "%.0fus/step" % (seconds * 1e6)


def _value(value: float) -> str:
    return "%.4f" % value if abs(value) > 1e-3 else "%.4e" % value


class Line:
    """The line of one epoch. A terminal sees it grow, twenty times a second at most; a file gets it
    once, complete."""

    def __init__(self, steps: int, verbose: int):
        self._steps, self._verbose = max(steps, 1), verbose
        self._start, self._shown = time.perf_counter(), 0.0
        self._moving = verbose == 1 and sys.stdout.isatty()
        self._longest = 0

    def take_steps(self, steps: int) -> None:
        """So many there were, which generators only tell at their end."""
        self._steps = max(steps, 1)

    def due(self) -> bool:
        """Whether the line would be shown now."""
        return self._moving and time.perf_counter() - self._shown > 0.05

    def show(self, step: int, values: Dict[str, float]) -> None:
        """The line while work goes on."""
        self._shown = time.perf_counter()
        each = (self._shown - self._start) / max(step, 1)
        self._write("\r" + self._text(step, each * (self._steps - step), each, values))

    def end(self, values: Dict[str, float]) -> None:
        """The line when all is done."""
        if self._verbose == 0:
            return
        seconds = time.perf_counter() - self._start
        text = self._text(self._steps, seconds, seconds / self._steps, values)
        self._write(("\r" if self._moving else "") + text + "\n")

    def _text(self, step: int, seconds: float, each: float, values: Dict[str, float]) -> str:
        measured = "".join(" - %s: %s" % (name, _value(value))
                           for name, value in sorted(values.items()))
        if self._verbose == 2:
            return "%d/%d - %s - %s%s" % (step, self._steps, _duration(seconds), _per_step(each),
                                          measured)
        full = _WIDTH * step // self._steps
        bar = "\u2501" * _WIDTH
        if self._moving:
            bar = "\x1b[32m%s\x1b[0m\x1b[37m%s\x1b[0m" % (bar[:full], bar[full:])
        digits = len(str(self._steps))
        return "%*d/%d %s %s %s%s" % (digits, step, self._steps, bar, _duration(seconds),
                                      _per_step(each), measured)

    def _write(self, text: str) -> None:
        self._longest = max(self._longest, len(text))
        ending = "\n" if text.endswith("\n") else ""
        if self._moving:
            text = text.rstrip("\n").ljust(self._longest)
        try:
            sys.stdout.write(text if not self._moving else text + ending)
        except UnicodeEncodeError:
            sys.stdout.write(text.replace("\u2501", "="))
        sys.stdout.flush()
