# SPDX-License-Identifier: Apache-2.0
"""fit, evaluate and predict."""
from __future__ import annotations

import ctypes
import math
import types
from typing import Any, Dict, List, Optional

import numpy as np

from midge._training_library import quick
from midge.keras import losses, metrics as _metrics, optimizers
from midge.keras._arrays import (Array, check_finite, class_weights, factors, rows_of,
                                 targets)
from midge.keras._batches import Batches, are_batches, class_factors, mean_measures
from midge.keras._progress import Line, as_verbosity
from midge.keras.callbacks import CallbackList, History

__all__ = ["Fitting"]


class Fitting:
    """What models do with samples."""

    # pylint: disable=too-many-arguments,no-member
    stop_training: bool

    def _need_compiled(self, name: str) -> None:
        if self.optimizer is None:
            raise ValueError("You must call `compile()` before calling `%s()`." % name)

    def _rows(self, x: Any) -> np.ndarray:
        ins = self.graph.inputs
        return rows_of(x, [tensor.name for tensor in ins],
                       [tuple(tensor.node.layer.batch_shape[1:]) for tensor in ins])

    def _samples(self, x: Any, y: Any, weights: Any) -> tuple:
        """Arrays for the library."""
        if hasattr(self, "_open_with"):
            self._open_with(x)
        trainer = self._ready()
        rows = self._rows(x)
        goals = targets(y, len(rows), trainer.facts.y_elements, self._loss_name())
        check_finite(rows, "x")
        check_finite(goals, "y")
        return rows, goals, factors(weights, len(rows))

    def _loss_name(self) -> str:
        return (self._trainer.compiled().loss or b"").decode()

    def fit(self, x: Any = None, y: Any = None, batch_size: Optional[int] = None, epochs: int = 1,
            verbose: Any = "auto", callbacks: Any = None, validation_split: float = 0.0,
            validation_data: Any = None, shuffle: bool = True,
            class_weight: Optional[Dict[int, float]] = None, sample_weight: Any = None,
            initial_epoch: int = 0, steps_per_epoch: Optional[int] = None,
            validation_steps: Optional[int] = None, **ignored: Any) -> History:
        """Trains.

        Args:
            x: samples: an array, the first dimension counts them; for several inputs a list of
                arrays or a dictionary by name. Or what gives batches (x, y) or (x, y,
                sample_weight): a generator, or a utils.PyDataset, also called Sequence.
            y: targets: numbers of classes, one-hot rows or values, as the loss wants them.
            batch_size: samples of one step; None: 32.
            epochs: how often all samples are seen.
            verbose: 0 silent, 1 or "auto" a bar, 2 a line an epoch.
            callbacks: list of midge.keras.callbacks.
            validation_split: this share of the samples, the last, is only measured with.
            validation_data: (x, y) or (x, y, sample weights) to measure with instead.
            shuffle: another order in each epoch.
            class_weight: factor of the loss by class.
            sample_weight: factor of the loss of each sample.
            initial_epoch: number of the first epoch.
            steps_per_epoch: batches of an epoch, for generators.
            validation_steps: batches of validation_data, for generators.

        Returns:
            A History, also kept as model.history.

        Raises:
            ValueError: shapes or numbers do not fit; or a loss that is no number.
        """
        self._need_compiled("fit")
        for name, value in ignored.items():
            if name not in ("workers", "use_multiprocessing", "max_queue_size") and value not in (
                    None, 1):
                raise ValueError("fit: %s is not supported" % name)
        if are_batches(x):
            if y is not None or sample_weight is not None or validation_split or batch_size:
                raise ValueError("batches bring y and sample_weight with them and have their size; "
                                 "validation_split is for arrays")
            return self._fit_batches(Batches(x, steps_per_epoch, shuffle), epochs, initial_epoch,
                                     as_verbosity(verbose), callbacks, class_weights(class_weight),
                                     (validation_data, validation_steps))
        if steps_per_epoch is not None:
            raise ValueError("steps_per_epoch is for generators; arrays have batch_size")
        rows, goals, weights = self._samples(x, y, sample_weight)
        batch = int(batch_size or 32)
        held = self._validation(validation_data)
        trainer = self._ready()
        self._own()
        request = quick.midge_fit_options_default()
        request.epochs, request.batch, request.shuffle = epochs - initial_epoch, batch, shuffle
        request.validation_share = 0.0 if held else validation_split
        by_class = class_weights(class_weight)
        request.class_weight_count = len(by_class)
        request.class_weights = (ctypes.c_double * len(by_class))(*by_class)
        kept = len(rows) - int(len(rows) * request.validation_share)
        self.history, self.stop_training = History(), False
        run = _Run(self, callbacks, as_verbosity(verbose), epochs, initial_epoch,
                   math.ceil(kept / batch))
        if request.epochs > 0:
            run.begin()
            trainer.fit(trainer.data(rows, goals, weights), held and trainer.data(*held), request,
                        run.step)
            run.callbacks.tell("on_train_end", run.logs)
        return self.history

    def _fit_batches(self, source: Batches, epochs: int, first: int, verbose: int, callbacks: Any,
                     by_class: List[float], held: tuple) -> History:
        """Trains on what gives batches, each by one call of the library."""
        self.history, self.stop_training = History(), False
        run = _Run(self, callbacks, verbose, epochs, first, source.steps)
        for epoch in range(first, epochs):
            measured: List[tuple] = []
            for x, y, weights in source.epoch():
                if not measured and epoch == first:
                    self._samples(x, y, weights)  # the first tells the shape
                    run.begin()
                values = self.train_on_batch(x, y, class_factors(by_class, y, weights))
                measured.append((len(y), values if isinstance(values, list) else [values]))
                if not run.step(self._standing(epoch - first, measured, source.steps)):
                    break
            at = self._standing(epoch - first, measured, source.steps)
            if held[0] is not None and not self.stop_training:
                found = self._measure(held[0], held[1])
                at.validated, at.validation_loss = True, found[0]
                at.validation_metrics = found[1:]
            at.epoch_end = True
            if not run.step(at):
                break
        run.callbacks.tell("on_train_end", run.logs)
        return self.history

    def _standing(self, epoch: int, measured: List[tuple], steps: Optional[int]) -> Any:
        """What the library would tell after these batches."""
        found = mean_measures([metric.kind for metric in self._metrics], measured)
        return types.SimpleNamespace(
            epoch=epoch, step=len(measured), steps=steps or len(measured) + 1, epoch_end=False,
            loss=found[0], metrics=[found[i + 1] for i in range(len(self._metrics))],
            validated=False)

    def _measure(self, source: Any, steps: Optional[int]) -> List[float]:
        """Loss and metrics of batches, or of (x, y) or (x, y, sample_weight)."""
        if not are_batches(source):
            held = self._validation(source)
            return self._trainer.evaluate(self._trainer.data(*held), 32)
        measured = []
        for x, y, weights in Batches(source, steps, False).epoch():
            rows = self._samples(x, y, weights)
            measured.append((len(rows[0]), self._trainer.evaluate(self._trainer.data(*rows), 0)))
        found = mean_measures([metric.kind for metric in self._metrics], measured)
        return [found[place] for place in range(len(found))]

    def _validation(self, given: Any) -> Optional[tuple]:
        if given is None:
            return None
        if are_batches(given):
            parts = [self._samples(*batch) for batch in Batches(given, None, False).epoch()]
            weighted = parts[0][2] is not None
            return (*[np.concatenate(part) for part in list(zip(*parts))[:2]],
                    np.concatenate([part[2] for part in parts]) if weighted else None)
        if not isinstance(given, (list, tuple)) or len(given) not in (2, 3):
            raise ValueError("validation_data is (x, y) or (x, y, sample_weight)")
        return self._samples(given[0], given[1], given[2] if len(given) == 3 else None)

    def evaluate(self, x: Any = None, y: Any = None, batch_size: Optional[int] = None,
                 verbose: Any = "auto", sample_weight: Any = None, return_dict: bool = False,
                 callbacks: Any = None, steps: Optional[int] = None, **_: Any) -> Any:
        """Measures with samples, or with what gives batches, of which `steps` are taken.

        Returns:
            The loss, or a list of the loss and the metrics, or with `return_dict` a dictionary.
        """
        self._need_compiled("evaluate")
        told = CallbackList(callbacks, self, {})
        if are_batches(x):
            line = Line(Batches(x, steps, False).steps or 1, as_verbosity(verbose))
            told.tell("on_test_begin")
            values = self._measure(x, steps)
        else:
            rows, goals, weights = self._samples(x, y, sample_weight)
            batch = int(batch_size or 32)
            line = Line(math.ceil(len(rows) / batch), as_verbosity(verbose))
            told.tell("on_test_begin")
            values = self._trainer.evaluate(self._trainer.data(rows, goals, weights), batch)
        logs = dict(zip(self.metrics_names, values))
        told.tell("on_test_end", logs)
        line.end(logs)
        if return_dict:
            return logs
        return values if len(values) > 1 else values[0]

    def predict(self, x: Any, batch_size: Optional[int] = None, verbose: Any = "auto",
                steps: Optional[int] = None, **_: Any) -> np.ndarray:
        """What the model gives: an array, the first dimension counts samples."""
        if are_batches(x):
            return np.concatenate([self.predict(batch[0], verbose=0)
                                   for batch in Batches(x, steps, False).epoch()])
        if hasattr(self, "_open_with"):
            self._open_with(x)
        trainer = self._ready()
        rows = self._rows(x)
        line = Line(math.ceil(len(rows) / int(batch_size or 32)), as_verbosity(verbose))
        result = trainer.predict(rows)
        line.end({})
        return result

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """What the model gives for one batch."""
        return self.predict(x, verbose=0)

    def _run(self, x: Any) -> Array:
        return self.predict(x, verbose=0).view(Array)

    def train_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None,
                       return_dict: bool = False, **_: Any) -> Any:
        """One step; the loss, and metrics, before it."""
        self._need_compiled("train_on_batch")
        rows, goals, weights = self._samples(x, y, sample_weight)
        self._own()
        values = self._trainer.train_on_batch(rows, goals, weights)
        if return_dict:
            return dict(zip(self.metrics_names, values))
        return values if len(values) > 1 else values[0]

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None,
                      return_dict: bool = False, **_: Any) -> Any:
        """Loss and metrics."""
        return self.evaluate(x, y, verbose=0, sample_weight=sample_weight,
                             return_dict=return_dict)

    def set_learning_rate(self, rate: float) -> None:
        """Changes the learning rate, also in the middle of fit.

        Raises:
            TypeError: a schedule decides it.
        """
        self.optimizer.learning_rate = float(rate)
        if rate != self._rate:
            self._trainer.set_learning_rate(float(rate))
            self._rate = float(rate)

    def _take_settings(self, trainer: Any) -> None:
        """Compile settings as a file had them."""
        found = trainer.compiled()
        self.optimizer = optimizers.compiled(found)
        if self.optimizer is None:
            return
        self.loss = losses.get((found.loss or b"").decode())
        self.loss.from_logits = found.from_logits
        self.loss.label_smoothing = found.label_smoothing
        self._metrics = [_metrics.get(name) for name in trainer.metric_names()]
        self._rate = found.learning_rate
        self._stale = False
        self._bind_optimizer()

    def _bind_optimizer(self) -> None:
        """The optimiser counts the steps of this model."""
        self.optimizer._steps = lambda: int(self._trainer.facts.steps) if self._trainer else 0


class _Run:
    """One call of fit: hears of each batch, tells callbacks, prints."""

    def __init__(self, model: Any, callbacks: Any, verbose: int, epochs: int, first: int,
                 steps: Optional[int]):
        self._model, self._verbose, self._epochs, self._first = model, verbose, epochs, first
        self._steps = steps or 1
        self._names: List[str] = [metric.name for metric in model._metrics]
        params = {"verbose": verbose, "epochs": epochs, "steps": steps}
        self.callbacks = CallbackList(callbacks, model, params)
        model.history.set_model(model)
        model.history.set_params(params)
        self.callbacks.callbacks.append(model.history)
        self.logs: Dict[str, float] = {}
        self._line = Line(self._steps, verbose)

    def begin(self) -> None:
        """Before the first epoch."""
        self.callbacks.tell("on_train_begin")
        self._begin_epoch(self._first)

    def _begin_epoch(self, epoch: int) -> None:
        self.callbacks.tell("on_epoch_begin", epoch)
        self._adopt_rate()
        if self._verbose:
            print("Epoch %d/%d" % (epoch + 1, self._epochs))
        self._line = Line(self._steps, self._verbose)
        self.callbacks.tell("on_train_batch_begin", 0)

    def _adopt_rate(self) -> None:
        """A callback may have set optimizer.learning_rate."""
        if self._model.optimizer.schedule is None:
            self._model.set_learning_rate(self._model.optimizer.learning_rate)

    def step(self, at: Any) -> bool:
        """What the library tells; whether to go on."""
        if at.epoch_end:
            self._line.take_steps(at.step)
            return self._end_epoch(at)
        if self.callbacks.steps:
            self.callbacks.tell("on_train_batch_end", at.step - 1, self._measures(at))
            if at.step < at.steps:
                self.callbacks.tell("on_train_batch_begin", at.step)
        if self._line.due():
            self._line.show(at.step, self._measures(at))
        return not self._model.stop_training

    def _measures(self, at: Any) -> Dict[str, float]:
        measures = dict(zip(self._names, at.metrics))
        measures["loss"] = at.loss
        return measures

    def _end_epoch(self, at: Any) -> bool:
        logs = dict(sorted(self._measures(at).items()))
        if at.validated:
            measured = dict(zip(self._names, at.validation_metrics))
            measured["loss"] = at.validation_loss
            logs.update(("val_" + name, value) for name, value in sorted(measured.items()))
        epoch = self._first + at.epoch
        self.callbacks.tell("on_epoch_end", epoch, logs)
        self.logs = logs
        self._line.end(logs)
        if self._model.stop_training:
            return False
        if epoch + 1 < self._epochs:
            self._begin_epoch(epoch + 1)
        return True
