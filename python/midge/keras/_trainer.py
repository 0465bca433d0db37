# SPDX-License-Identifier: Apache-2.0
"""A midge_trainer as a Python object."""
from __future__ import annotations

import ctypes
import json
import os
from ctypes import byref
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

import numpy as np

from midge import _library
from midge._session import file_path
from midge._training_library import (PROGRESS, CompileOptions, FitProgress, TrainData,
                                     TrainerLayer, TrainerWeight, quick, slow)

__all__ = ["Trainer", "Weight", "threads"]

threads = {"count": 0}  # 0: as many as there are processors


class Weight(NamedTuple):
    """A weight of a trainer, whose values lie at `address`."""
    index: int
    layer: str
    name: str
    shape: tuple
    trained: bool
    address: Any


def _raise(error: _library.Error, status: int) -> None:
    kind = OSError if status == _library.IO_ERROR else (
        MemoryError if status == _library.NO_MEMORY else ValueError)
    raise kind(_library.message(error))


def processors() -> int:
    """How many threads work."""
    return threads["count"] or len(os.sched_getaffinity(0))


class Trainer:
    """Holds a trainer; frees it when the last holder goes. `source` is JSON or a path."""

    def __init__(self, source: Any, seed: int):
        self._handle = None
        request = quick.midge_trainer_options_default()
        request.threads, request.seed = processors(), seed
        handle, error = ctypes.c_void_p(), _library.Error()
        status = slow.midge_trainer_create(source, byref(request), byref(handle), byref(error))
        if status:
            _raise(error, status)
        self._handle = handle.value
        self._weights: Dict[str, List[Weight]] = {}

    def __del__(self, slow: Any = slow):
        if self._handle is not None:
            slow.midge_trainer_free(self._handle)

    def _call(self, function: Any, *arguments: Any) -> None:
        error = _library.Error()
        status = function(self._handle, *arguments, byref(error))
        if status:
            _raise(error, status)

    @property
    def facts(self) -> Any:
        return quick.midge_trainer_describe(self._handle)

    def shape(self, output: bool) -> tuple:
        """The shape of one sample, or of what becomes of it."""
        facts = self.facts
        if output:
            return tuple(facts.output_shape[:facts.output_rank])
        return tuple(facts.input_shape[:facts.input_rank])

    def layers(self) -> List[tuple]:
        """Path, shape and number of parameters of each call."""
        found, row = [], TrainerLayer()
        index = 0
        while quick.midge_trainer_layer_at(self._handle, index, byref(row)):
            shape = tuple(None if size < 0 else size for size in row.shape[:row.rank])
            found.append((_library.text(row.name), shape, row.parameters))
            index += 1
        return found

    def weights_of(self, path: str) -> List[Weight]:
        """The weights of a layer, those of layers inside it with them."""
        found = self._weights.get(path)
        if found is None:
            found = [weight for weight in self._read_weights()
                     if weight.layer == path or weight.layer.startswith(path + "/")]
            self._weights[path] = found
        return found

    def _read_weights(self) -> List[Weight]:
        found, row = [], TrainerWeight()
        index = 0
        while quick.midge_trainer_weight_at(self._handle, index, byref(row)):
            found.append(Weight(index, _library.text(row.layer), _library.text(row.name),
                                tuple(row.shape[:row.rank]), row.trained, row.values))
            index += 1
        return found

    def get_weights(self, path: str) -> List[np.ndarray]:
        values, row = [], TrainerWeight()
        for weight in self.weights_of(path):
            quick.midge_trainer_weight_at(self._handle, weight.index, byref(row))
            stored = ctypes.string_at(row.values, row.elements * 4)
            values.append(np.frombuffer(stored, np.float32).reshape(weight.shape).copy())
        return values

    def set_weights(self, path: str, values: Sequence[Any]) -> None:
        weights = self.weights_of(path)
        if len(weights) != len(values):
            raise ValueError("layer %s has %d weights, %d were given" %
                             (path, len(weights), len(values)))
        arrays = [np.ascontiguousarray(value, np.float32) for value in values]
        for weight, array in zip(weights, arrays):
            if array.shape != weight.shape:
                raise ValueError("weight %s of layer %s has the shape %s, got %s" %
                                 (weight.name, path, weight.shape, array.shape))
        for weight, array in zip(weights, arrays):
            self._call(quick.midge_trainer_set_weight, weight.index, array.size,
                       array.ctypes.data)

    def elements(self) -> List[Any]:
        """Facts of each weight, as the library has them now."""
        found, index, row = [], 0, TrainerWeight()
        while quick.midge_trainer_weight_at(self._handle, index, byref(row)):
            found.append(row)
            index, row = index + 1, TrainerWeight()
        return found

    def set_trained(self, path: str, trained: bool) -> None:
        self._call(quick.midge_trainer_set_trained, path.encode(), trained)

    def compile(self, request: CompileOptions) -> None:
        self._call(quick.midge_trainer_compile, byref(request))

    def compile_with(self, optimizer: Any, loss: Any, metrics: List[str]) -> None:
        """Compile settings as Python's objects."""
        request = optimizer.options()
        name = None if loss is None else loss.name.encode()
        kinds = [kind.encode() for kind in metrics]
        if loss is not None:
            request.loss, request.from_logits = name, loss.from_logits
            request.label_smoothing, request.huber_delta = loss.label_smoothing, loss.delta
        request.metric_count = len(kinds)
        request.metrics = (ctypes.c_char_p * len(kinds))(*kinds)
        self.compile(request)

    def compiled(self) -> CompileOptions:
        return quick.midge_trainer_compiled(self._handle)

    def set_learning_rate(self, rate: float) -> None:
        """From the next step on."""
        self._call(quick.midge_trainer_set_learning_rate, rate)

    def metric_names(self) -> List[str]:
        names = []
        while True:
            name = quick.midge_trainer_metric_name(self._handle, len(names))
            if name is None:
                return names
            names.append(_library.text(name))

    def data(self, x: np.ndarray, y: np.ndarray,
             sample_weights: Optional[np.ndarray] = None) -> TrainData:
        """Arrays as the library takes them; they must outlive the result."""
        found = TrainData()
        found.size, found.count = ctypes.sizeof(TrainData), len(x)
        found.x, found.y = x.ctypes.data, y.ctypes.data
        found.sample_weights = None if sample_weights is None else sample_weights.ctypes.data
        return found

    def fit(self, data: TrainData, validation: Optional[TrainData], request: Any,
            tell: Callable[[FitProgress], bool]) -> bool:
        """Trains; `tell` is called after each batch and epoch. False when that stopped it."""
        raised: List[BaseException] = []

        def progress(_: Any, at: Any) -> bool:
            try:
                return tell(at.contents)
            except BaseException as error:  # pylint: disable=broad-except
                raised.append(error)
                return False

        request.progress = PROGRESS(progress)
        error = _library.Error()
        status = slow.midge_trainer_fit(self._handle, byref(data),
                                        None if validation is None else byref(validation),
                                        byref(request), byref(error))
        if raised:
            raise raised[0]
        if status not in (_library.OK, _library.CANCELLED):
            _raise(error, status)
        return status == _library.OK

    def train_on_batch(self, x: np.ndarray, y: np.ndarray,
                       sample_weights: Optional[np.ndarray]) -> List[float]:
        loss, metrics = ctypes.c_double(), (ctypes.c_double * 8)()
        self._call(slow.midge_trainer_train_on_batch, len(x), x.ctypes.data, y.ctypes.data,
                   None if sample_weights is None else sample_weights.ctypes.data, byref(loss),
                   metrics)
        return [loss.value, *metrics[:self.facts.metric_count]]

    def evaluate(self, data: TrainData, batch: int) -> List[float]:
        """Loss and metrics."""
        loss, metrics = ctypes.c_double(), (ctypes.c_double * 8)()
        self._call(slow.midge_trainer_evaluate, byref(data), batch, byref(loss), metrics)
        return [loss.value, *metrics[:self.facts.metric_count]]

    def predict(self, x: np.ndarray) -> np.ndarray:
        result = np.empty((len(x), *self.shape(True)), np.float32)
        self._call(slow.midge_trainer_predict, len(x), x.ctypes.data, result.ctypes.data)
        return result

    def save(self, path: Any) -> None:
        self._call(slow.midge_trainer_save, file_path(path))

    def configuration(self) -> Dict[str, Any]:
        found = ctypes.c_char_p()
        self._call(quick.midge_trainer_json, byref(found))
        return json.loads(found.value or b"{}")
