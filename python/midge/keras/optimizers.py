# SPDX-License-Identifier: Apache-2.0
"""How weights follow their gradients. Defaults are those of Keras."""
# pylint: disable=too-many-arguments
from __future__ import annotations

import json
import sys
from typing import Any, Callable, Dict, Optional

from midge._training_library import CompileOptions, quick
from midge.keras import schedules
from midge.keras._absent import absent, nearest
from midge.keras._named import Named, snake_case
from midge.keras.schedules import LearningRateSchedule

__all__ = ["Adam", "AdamW", "Optimizer", "RMSprop", "SGD", "schedules"]

sys.modules[__name__ + ".schedules"] = schedules

_CLIPS = {"clipnorm": "clip_norm", "clipvalue": "clip_value",
          "global_clipnorm": "clip_global_norm"}
_IDLE = {"use_ema": False, "ema_momentum": None, "ema_overwrite_frequency": None,
         "loss_scale_factor": None, "gradient_accumulation_steps": None, "jit_compile": None,
         "is_legacy_optimizer": None, "name": None, "decay": None}


class Optimizer(Named):
    """An optimiser. `learning_rate` may be changed, unless a schedule decides it; a model takes it
    when it next trains. `iterations` counts steps."""

    _steps: Optional[Callable[[], int]] = None  # asks the trainer

    def _settle(self, given: Dict[str, Any]) -> None:
        more = given.pop("kwargs")
        for name in ("self", "__class__"):
            given.pop(name, None)
        if "lr" in more:
            given["learning_rate"] = more.pop("lr")
        for name, value in more.items():
            if name not in _IDLE and name not in _CLIPS and name != "weight_decay":
                raise TypeError("%s has no argument %s" % (type(self).__name__, name))
            if name in ("use_ema", "gradient_accumulation_steps", "loss_scale_factor") and value:
                raise ValueError("%s does not support %s" % (type(self).__name__, name))
        for name in ("weight_decay", *_CLIPS):
            given.setdefault(name, more.get(name))
        rate = given["learning_rate"]
        if isinstance(rate, dict):
            rate = schedules.deserialize(rate)
        self._schedule = rate if isinstance(rate, LearningRateSchedule) else None
        if self._schedule is not None and type(rate).__name__ not in schedules.__all__:
            raise TypeError("%s is a schedule of your own: no Python runs for each step; use the "
                            "callback LearningRateScheduler, or one of %s" % (
                                type(rate).__name__, ", ".join(schedules.__all__)))
        if self._schedule is None and not hasattr(rate, "__float__"):
            raise TypeError("learning_rate is a number or one of optimizers.schedules, got %s; "
                            "functions go to the callback LearningRateScheduler" %
                            type(rate).__name__)
        self.name = snake_case(type(self).__name__) if type(self) is not SGD else "SGD"
        self._config = {"name": self.name, **given}
        self._rate = 0.0 if self._schedule is not None else float(rate)

    @property
    def iterations(self) -> int:
        """The steps taken so far."""
        return self._steps() if self._steps is not None else 0

    @property
    def learning_rate(self) -> float:
        """The learning rate of the next step."""
        return self._rate if self._schedule is None else float(self._schedule(self.iterations))

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if self._schedule is not None:
            raise TypeError("a schedule decides the learning rate of this optimizer, so it cannot "
                            "be set: make the optimizer with a number")
        self._rate = float(value)

    @property
    def schedule(self) -> Optional[LearningRateSchedule]:
        """What decides the learning rate; None: it stays as it is set."""
        return self._schedule

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self.learning_rate

    @lr.setter
    def lr(self, value: float) -> None:
        self.learning_rate = float(value)

    def get_config(self) -> Dict[str, Any]:
        return {**self._config, "learning_rate": self._rate if self._schedule is None
                else self._schedule.describe()}

    def options(self) -> CompileOptions:
        """As the library takes it."""
        request = quick.midge_compile_options_default(type(self).__name__.lower().encode())
        self._kind = type(self).__name__.lower().encode()  # keeps the bytes alive
        request.optimizer = self._kind
        if self._schedule is not None:
            self._text = json.dumps(self._schedule.describe()).encode()
            request.learning_rate_schedule = self._text
        for name, value in self.get_config().items():
            name = _CLIPS.get(name, name)
            if name != "name" and value is not None and not isinstance(value, dict):
                setattr(request, name, value)
        return request


class SGD(Optimizer):
    """Gradient descent, with momentum when that is above 0."""

    def __init__(self, learning_rate: float = 0.01, momentum: float = 0.0, nesterov: bool = False,
                 **kwargs: Any):
        self._settle(locals())


class Adam(Optimizer):
    """Adam."""

    def __init__(self, learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999,
                 epsilon: float = 1e-7, amsgrad: bool = False, **kwargs: Any):
        self._settle(locals())


class AdamW(Optimizer):
    """Adam whose weights decay besides."""

    def __init__(self, learning_rate: float = 0.001, weight_decay: float = 0.004,
                 beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7,
                 amsgrad: bool = False, **kwargs: Any):
        self._settle(locals())


class RMSprop(Optimizer):
    """RMSprop."""

    def __init__(self, learning_rate: float = 0.001, rho: float = 0.9, momentum: float = 0.0,
                 epsilon: float = 1e-7, centered: bool = False, **kwargs: Any):
        self._settle(locals())


_NAMES = {"sgd": SGD, "adam": Adam, "adamw": AdamW, "rmsprop": RMSprop}


def get(identifier: Any) -> Optimizer:
    """The optimiser of that name or class."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        return identifier()
    if isinstance(identifier, str) and identifier.lower() in _NAMES:
        return _NAMES[identifier.lower()]()
    raise ValueError("there is no optimizer %r%s; there are %s" % (
        identifier, nearest(str(identifier), _NAMES), ", ".join(_NAMES)))


def compiled(options: CompileOptions) -> Optional[Optimizer]:
    """The optimiser that a trainer has."""
    kind = _NAMES.get((options.optimizer or b"").decode())
    if kind is None:
        return None
    made = kind()
    for name in made.get_config():
        if hasattr(options, _CLIPS.get(name, name)):
            value = getattr(options, _CLIPS.get(name, name))
            if name != "weight_decay" and name not in _CLIPS or value:
                made._config[name] = value
    made._rate = options.learning_rate
    if options.learning_rate_schedule:
        made._schedule = schedules.deserialize(options.learning_rate_schedule)
    return made


__getattr__ = absent("midge.keras.optimizers", __all__)
