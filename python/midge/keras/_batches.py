# SPDX-License-Identifier: Apache-2.0
"""Samples that come batch by batch: generators, and data sets that know their length."""
from __future__ import annotations

from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import numpy as np

__all__ = ["Batches", "PyDataset", "are_batches", "class_factors", "mean_measures"]


class PyDataset:
    """Derive from it: __len__ is the number of batches, __getitem__(i) gives batch i as (x, y) or
    (x, y, sample_weight); on_epoch_end() is called after each epoch."""

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False,
                 max_queue_size: int = 10):
        self.workers, self.use_multiprocessing = workers, use_multiprocessing
        self.max_queue_size = max_queue_size

    def __len__(self) -> int:
        raise NotImplementedError

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError

    def on_epoch_end(self) -> None:
        """After each epoch."""

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))

    # What programs say of tf.data; a PyDataset reads what it needs when it needs it.

    def map(self, function: Callable, num_parallel_calls: Any = None) -> PyDataset:
        """Each batch as function(x, y) makes it."""
        return _Mapped(self, function)

    def take(self, count: int) -> PyDataset:
        """The first batches."""
        return _Part(self, 0, count)

    def skip(self, count: int) -> PyDataset:
        """The others."""
        return _Part(self, count, len(self) - count)

    def cache(self, filename: Any = None) -> PyDataset:
        """The same."""
        return self

    def prefetch(self, buffer_size: Any = None) -> PyDataset:
        """The same."""
        return self

    def shuffle(self, *_: Any, **__: Any) -> PyDataset:
        """The same: fit takes batches in another order each time."""
        return self


class _Mapped(PyDataset):
    def __init__(self, source: PyDataset, function: Callable):
        super().__init__()
        self._source, self._function = source, function
        self.on_epoch_end = source.on_epoch_end  # type: ignore

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> Any:
        batch = self._source[index]
        return self._function(*batch) if isinstance(batch, tuple) else self._function(batch)


class _Part(PyDataset):
    def __init__(self, source: PyDataset, first: int, count: int):
        super().__init__()
        self._source, self._first = source, first
        self._count = max(min(count, len(source) - first), 0)
        self.on_epoch_end = source.on_epoch_end  # type: ignore

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._source[self._first + index]


def are_batches(x: Any) -> bool:
    """Whether x gives batches, not samples."""
    if isinstance(x, (np.ndarray, list, tuple, dict, str, bytes)) or hasattr(x, "__array__"):
        return False
    return isinstance(x, PyDataset) or hasattr(x, "__iter__") or (
        hasattr(x, "__getitem__") and hasattr(x, "__len__"))


class Batches:
    """A source of batches, epoch by epoch. `steps` is None while nobody knows how many there are."""

    def __init__(self, source: Any, steps: Optional[int], shuffle: bool):
        self._source, self._shuffle = source, shuffle
        self._indexed = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        self._running: Optional[Iterator[Any]] = None
        self.steps = steps
        if steps is None and hasattr(source, "__len__"):
            self.steps = len(source)
        if self.steps == 0:
            raise ValueError("x has no batches")

    def _indices(self) -> Iterator[Any]:
        count = len(self._source)
        order = np.random.permutation(count) if self._shuffle else np.arange(count)
        return (self._source[int(index)] for index in order)

    def epoch(self) -> Iterator[Tuple[Any, Any, Any]]:
        """Its batches as (x, y, sample_weight)."""
        if self._indexed:
            self._running = self._indices()
        elif self._running is None or self.steps is None:
            self._running = iter(self._source)
        done = 0
        while self.steps is None or done < self.steps:
            try:
                batch = next(self._running)
            except StopIteration:
                if self.steps is not None and not hasattr(self._source, "__next__") and done:
                    self._running = self._indices() if self._indexed else iter(self._source)
                    continue
                break
            done += 1
            yield _parts(batch)
        if done == 0 or self.steps is not None and done < self.steps:
            raise ValueError("x ran out of batches after %d%s: a generator must give enough of them "
                             "for all epochs (steps_per_epoch * epochs)" %
                             (done, "" if self.steps is None else " of %d" % self.steps))
        if hasattr(self._source, "on_epoch_end"):
            self._source.on_epoch_end()


def _parts(batch: Any) -> Tuple[Any, Any, Any]:
    if not isinstance(batch, (tuple, list)):
        return batch, None, None
    if not 1 <= len(batch) <= 3:
        raise ValueError("a batch is (x, y) or (x, y, sample_weight), got %d parts" % len(batch))
    return (*batch, *[None] * (3 - len(batch)))  # type: ignore


def class_factors(by_class: List[float], y: Any, weights: Any) -> Any:
    """Weights of samples from those of their classes."""
    if not by_class:
        return weights
    goals = np.asarray(y)
    numbers = goals.argmax(-1) if goals.ndim > 1 and goals.shape[-1] > 1 else goals.reshape(-1)
    factors = np.asarray(by_class, np.float32)[numbers.astype(np.int64)]
    return factors if weights is None else factors * np.asarray(weights, np.float32).reshape(-1)


def mean_measures(kinds: List[str], measured: List[Tuple[int, List[float]]]) -> Dict[int, float]:
    """Means over batches of the loss (0) and the metrics (1, …), by their numbers of samples."""
    count = sum(weight for weight, _ in measured)
    found = {}
    for place, kind in enumerate(["loss", *kinds]):
        power = 2 if kind == "root_mean_squared_error" else 1
        total = sum(weight * values[place] ** power for weight, values in measured)
        found[place] = (total / max(count, 1)) ** (1 / power)
    return found
