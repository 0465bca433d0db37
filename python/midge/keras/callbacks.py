# SPDX-License-Identifier: Apache-2.0
"""What may happen between the batches and epochs of fit."""
from __future__ import annotations

import csv
import os
from typing import Any, Callable, Dict, List, Optional

from midge.keras._absent import absent

__all__ = ["CSVLogger", "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback",
           "LearningRateScheduler", "ModelCheckpoint", "ReduceLROnPlateau", "TerminateOnNaN"]

_Logs = Optional[Dict[str, float]]
_EVENTS = ("on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end",
           "on_train_batch_begin", "on_train_batch_end", "on_test_begin", "on_test_end")


class Callback:
    """Override what you need. `model` and `params` are set before training; model.stop_training =
    True ends it. on_batch_begin and on_batch_end are other names of on_train_batch_…."""

    model: Any = None
    params: Dict[str, Any] = {}

    def set_model(self, model: Any) -> None:
        self.model = model

    def set_params(self, params: Dict[str, Any]) -> None:
        self.params = params

    def on_train_begin(self, logs: _Logs = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: _Logs = None) -> None:
        """After the last epoch."""

    def on_epoch_begin(self, epoch: int, logs: _Logs = None) -> None:
        """Before each epoch."""

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        """After each epoch and its validation."""

    def on_batch_begin(self, batch: int, logs: _Logs = None) -> None:
        """Before each step."""

    def on_batch_end(self, batch: int, logs: _Logs = None) -> None:
        """After each step."""

    def on_train_batch_begin(self, batch: int, logs: _Logs = None) -> None:
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: _Logs = None) -> None:
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: _Logs = None) -> None:
        """Before evaluate."""

    def on_test_end(self, logs: _Logs = None) -> None:
        """After evaluate."""


class CallbackList:
    """Several as one."""

    def __init__(self, callbacks: Any, model: Any, params: Dict[str, Any]):
        given = callbacks or []
        self.callbacks: List[Any] = list(given) if isinstance(given, (list, tuple)) else [given]
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params(params)
        # Steps are many: those who do not listen are not asked.
        plain = (Callback.on_batch_begin, Callback.on_batch_end, Callback.on_train_batch_begin,
                 Callback.on_train_batch_end)
        self.steps = [callback for callback in self.callbacks if any(
            getattr(type(callback), function.__name__, None) is not function
            for function in plain)]

    def tell(self, event: str, *arguments: Any) -> None:
        """Calls a method of all."""
        chosen = self.steps if event.startswith("on_train_batch") else self.callbacks
        for callback in chosen:
            getattr(callback, event)(*arguments)


class History(Callback):
    """What fit returns: `history` has a list for each measure, `epoch` the numbers of epochs."""

    def __init__(self) -> None:
        self.history: Dict[str, List[float]] = {}
        self.epoch: List[int] = []

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """Functions as a callback."""

    def __init__(self, on_epoch_begin: Optional[Callable] = None,
                 on_epoch_end: Optional[Callable] = None,
                 on_train_begin: Optional[Callable] = None,
                 on_train_end: Optional[Callable] = None,
                 on_train_batch_begin: Optional[Callable] = None,
                 on_train_batch_end: Optional[Callable] = None, **kwargs: Callable):
        given = {key: value for key, value in locals().items() if key.startswith("on_")}
        for name, function in {**given, **kwargs}.items():
            if name not in _EVENTS:
                raise TypeError("LambdaCallback has no %s" % name)
            if function is not None:
                setattr(self, name, function)


class _Monitor(Callback):
    """Watches one measure of the epochs."""

    def _watch(self, monitor: str, mode: str, min_delta: float) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError("mode is auto, min or max, got %r" % (mode,))
        self.monitor, self._delta = monitor, abs(min_delta)
        self._up = mode == "max" or mode == "auto" and (
            "acc" in monitor or monitor.endswith("auc"))
        self.best: Optional[float] = None

    def _value(self, logs: _Logs) -> Optional[float]:
        value = (logs or {}).get(self.monitor)
        if value is None:
            print("%s: there is no %s; there are %s" % (
                type(self).__name__, self.monitor, ", ".join(logs or {})))
        return value

    def _better(self, value: float, than: Optional[float]) -> bool:
        if than is None:
            return True
        return value - self._delta > than if self._up else value + self._delta < than


class EarlyStopping(_Monitor):
    """Ends training when `monitor` has not improved for `patience` epochs."""

    def __init__(self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0,
                 verbose: int = 0, mode: str = "auto", baseline: Optional[float] = None,
                 restore_best_weights: bool = False, start_from_epoch: int = 0):
        self._watch(monitor, mode, min_delta)
        self.patience, self._verbose, self._baseline = patience, verbose, baseline
        self.restore_best_weights, self._first = restore_best_weights, start_from_epoch

    def on_train_begin(self, logs: _Logs = None) -> None:
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self.best = self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        value = self._value(logs)
        if value is None or epoch < self._first:
            return
        self.wait += 1
        if self._better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self._better(value, self._baseline):
                self.wait = 0
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: _Logs = None) -> None:
        if self.stopped_epoch > 0 and self._verbose:
            print("Epoch %d: early stopping" % (self.stopped_epoch + 1))
        if self.best_weights is not None:
            if self._verbose:
                print("Restoring model weights from the end of the best epoch: %d." %
                      (self.best_epoch + 1))
            self.model.set_weights(self.best_weights)


class ModelCheckpoint(_Monitor):
    """Saves the model after each epoch, or after each that was the best so far. `filepath` may
    hold {epoch} and measures such as {val_loss:.2f}."""

    def __init__(self, filepath: Any, monitor: str = "val_loss", verbose: int = 0,
                 save_best_only: bool = False, save_weights_only: bool = False,
                 mode: str = "auto", save_freq: Any = "epoch",
                 initial_value_threshold: Optional[float] = None):
        if save_freq != "epoch":
            raise ValueError("save_freq is 'epoch', got %r" % (save_freq,))
        self._watch(monitor, mode, 0)
        self.best = initial_value_threshold
        self.filepath, self._verbose = os.fspath(filepath), verbose
        self.save_best_only, self._weights_only = save_best_only, save_weights_only

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        if self.save_best_only:
            value = self._value(logs)
            if value is None or not self._better(value, self.best):
                return
            self.best = value
        path = self.filepath.format(epoch=epoch + 1, **(logs or {}))
        if self._verbose:
            print("\nEpoch %d: saving model to %s" % (epoch + 1, path))
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        if self._weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)


class ReduceLROnPlateau(_Monitor):
    """Multiplies the learning rate by `factor` when `patience` epochs brought nothing better."""

    def __init__(self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10,
                 verbose: int = 0, mode: str = "auto", min_delta: float = 1e-4, cooldown: int = 0,
                 min_lr: float = 0.0):
        if factor >= 1.0:
            raise ValueError("factor must be below 1, got %r" % (factor,))
        self._watch(monitor, mode, min_delta)
        self.factor, self.patience, self._verbose = factor, patience, verbose
        self.cooldown, self.min_lr = cooldown, min_lr

    def on_train_begin(self, logs: _Logs = None) -> None:
        self.best, self.wait, self.cooldown_counter = None, 0, 0

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        value = self._value(logs)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self._better(value, self.best):
            self.best, self.wait = value, 0
            return
        if self.cooldown_counter > 0:
            return
        self.wait += 1
        rate = self.model.optimizer.learning_rate
        if self.wait >= self.patience and rate > self.min_lr:
            self.model.set_learning_rate(max(rate * self.factor, self.min_lr))
            self.cooldown_counter, self.wait = self.cooldown, 0
            if self._verbose:
                print("\nEpoch %d: ReduceLROnPlateau reducing learning rate to %s." %
                      (epoch + 1, self.model.optimizer.learning_rate))


class LearningRateScheduler(Callback):
    """Asks schedule(epoch, learning rate) for the learning rate of each epoch."""

    def __init__(self, schedule: Callable, verbose: int = 0):
        self.schedule, self._verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: _Logs = None) -> None:
        try:
            rate = self.schedule(epoch, self.model.optimizer.learning_rate)
        except TypeError:
            rate = self.schedule(epoch)
        self.model.set_learning_rate(float(rate))
        if self._verbose:
            print("\nEpoch %d: LearningRateScheduler setting learning rate to %s." %
                  (epoch + 1, rate))

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


class CSVLogger(Callback):
    """Writes the measures of each epoch as a line of a table."""

    def __init__(self, filename: Any, separator: str = ",", append: bool = False):
        self._path, self._separator, self._append = os.fspath(filename), separator, append

    def on_train_begin(self, logs: _Logs = None) -> None:
        self._begun = self._append and os.path.exists(self._path)
        if not self._append:
            with open(self._path, "w", encoding="utf-8"):
                pass

    def on_epoch_end(self, epoch: int, logs: _Logs = None) -> None:
        row: Dict[str, Any] = {"epoch": epoch}
        row.update(sorted((logs or {}).items()))
        with open(self._path, "a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row), delimiter=self._separator)
            if not self._begun:
                writer.writeheader()
            writer.writerow(row)
        self._begun = True


class TerminateOnNaN(Callback):
    """Is here for programs that ask for it: a loss that is no number always ends training."""


__getattr__ = absent("midge.keras.callbacks", __all__)
