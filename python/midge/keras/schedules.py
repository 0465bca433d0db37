# SPDX-License-Identifier: Apache-2.0
"""Learning rates that follow from the number of steps taken. The library computes them while it
trains; called with a number of steps, they tell the same rate."""
# pylint: disable=too-many-arguments
from __future__ import annotations

import json
import math
from typing import Any, Dict, Optional, Sequence

import numpy as np

from midge.keras._named import Named

__all__ = ["CosineDecay", "CosineDecayRestarts", "ExponentialDecay", "InverseTimeDecay",
           "LearningRateSchedule", "PiecewiseConstantDecay", "PolynomialDecay"]


class LearningRateSchedule(Named):
    """A schedule. Those of a class of one's own are for LearningRateScheduler: no Python runs for
    each step."""

    def _settle(self, given: Dict[str, Any]) -> None:
        self._keep(given)
        self._config["name"] = given.get("name") or type(self).__name__

    def __call__(self, step: Any) -> np.float32:
        """The learning rate of the step after `step` others."""
        with np.errstate(all="ignore"):
            return np.float32(self._rate(np.float32(step)))

    def _rate(self, step: np.float32) -> Any:
        raise NotImplementedError

    def _number(self, name: str) -> np.float32:
        return np.float32(self._config[name])

    def describe(self) -> Dict[str, Any]:
        """As configurations name it."""
        return {"module": "keras.optimizers.schedules", "class_name": type(self).__name__,
                "config": self.get_config(), "registered_name": None}


class _Decay(LearningRateSchedule):
    def _share(self, step: np.float32) -> np.float32:
        share = step / self._number("decay_steps")
        return np.floor(share) if self._config["staircase"] else share


class ExponentialDecay(_Decay):
    """initial_learning_rate * decay_rate ** (step / decay_steps); `staircase` rounds the quotient
    down."""

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float,
                 staircase: bool = False, name: Optional[str] = None):
        self._settle(locals())

    def _rate(self, step: np.float32) -> Any:
        return self._number("initial_learning_rate") * self._number("decay_rate") ** \
            self._share(step)


class InverseTimeDecay(_Decay):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps)."""

    def __init__(self, initial_learning_rate: float, decay_steps: int, decay_rate: float,
                 staircase: bool = False, name: Optional[str] = None):
        self._settle(locals())

    def _rate(self, step: np.float32) -> Any:
        return self._number("initial_learning_rate") / (
            1 + self._number("decay_rate") * self._share(step))


class PolynomialDecay(LearningRateSchedule):
    """From initial_learning_rate to end_learning_rate over decay_steps, along (1 - share) **
    power; `cycle` begins anew, each time over one more multiple of decay_steps."""

    def __init__(self, initial_learning_rate: float, decay_steps: int,
                 end_learning_rate: float = 0.0001, power: float = 1.0, cycle: bool = False,
                 name: Optional[str] = None):
        self._settle(locals())

    def _rate(self, step: np.float32) -> Any:
        steps, end = self._number("decay_steps"), self._number("end_learning_rate")
        if self._config["cycle"]:
            steps = steps * np.float32(max(math.ceil(step / steps), 1))
        share = min(step, steps) / steps
        return (self._number("initial_learning_rate") - end) * (1 - share) ** self._number(
            "power") + end


def _cosine(share: Any, alpha: np.float32, height: Any = 1) -> Any:
    return (1 - alpha) * (height * np.float32(0.5) * (
        1 + np.cos(np.float32(math.pi) * share))) + alpha


class CosineDecay(LearningRateSchedule):
    """Half a cosine over decay_steps, down to the share `alpha`; before it, with warmup_target, a
    straight rise over warmup_steps."""

    def __init__(self, initial_learning_rate: float, decay_steps: int, alpha: float = 0.0,
                 name: str = "CosineDecay", warmup_target: Optional[float] = None,
                 warmup_steps: int = 0):
        self._settle(locals())

    def _rate(self, step: np.float32) -> Any:
        steps, rate = self._number("decay_steps"), self._number("initial_learning_rate")
        if self._config["warmup_target"] is not None:
            warm, first, rate = self._number("warmup_steps"), rate, self._number("warmup_target")
            if step < warm:
                return (rate - first) * (step / warm) + first
            step = step - warm
        return rate * _cosine(min(step, steps) / steps, self._number("alpha"))


class CosineDecayRestarts(LearningRateSchedule):
    """Half cosines one after the other, each t_mul times as long and m_mul times as high."""

    def __init__(self, initial_learning_rate: float, first_decay_steps: int, t_mul: float = 2.0,
                 m_mul: float = 1.0, alpha: float = 0.0, name: str = "SGDRDecay"):
        self._settle(locals())

    def _rate(self, step: np.float32) -> Any:
        share, longer = step / self._number("first_decay_steps"), self._number("t_mul")
        again = np.floor(share)
        if longer == 1:
            share = share - again
        else:
            again = np.floor(np.log(1 - share * (1 - longer)) / np.log(longer))
            factor = longer ** again
            share = (share - (1 - factor) / (1 - longer)) / factor
        return self._number("initial_learning_rate") * _cosine(
            share, self._number("alpha"), self._number("m_mul") ** again)


class PiecewiseConstantDecay(LearningRateSchedule):
    """values[i] up to and with step boundaries[i], and the last value from there on."""

    def __init__(self, boundaries: Sequence[float], values: Sequence[float],
                 name: str = "PiecewiseConstant"):
        if len(boundaries) + 1 != len(values):
            raise ValueError("the number of boundaries is one less than that of values, got %d and "
                             "%d" % (len(boundaries), len(values)))
        self._settle({"boundaries": list(boundaries), "values": list(values), "name": name})

    def _rate(self, step: np.float32) -> Any:
        later = sum(step > boundary for boundary in self._config["boundaries"])
        return self._config["values"][later]


_CLASSES = {name: globals()[name] for name in __all__ if name != "LearningRateSchedule"}


def deserialize(row: Any) -> LearningRateSchedule:
    """The schedule of a configuration, or of its text."""
    if isinstance(row, (str, bytes)):
        row = json.loads(row)
    if row.get("class_name") not in _CLASSES:
        raise ValueError("there is no schedule %r; there are %s" %
                         (row.get("class_name"), ", ".join(_CLASSES)))
    return _CLASSES[row["class_name"]].from_config(row["config"])
