# SPDX-License-Identifier: Apache-2.0
"""What is handed to fit, evaluate and predict, as the rows of floats that the library takes."""
from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

import numpy as np

__all__ = ["Array", "check_finite", "class_weights", "factors", "rows_of", "targets"]


class Array(np.ndarray):
    """An array that has numpy(), as tensors have."""

    def numpy(self) -> np.ndarray:
        """The same as a plain array."""
        return np.asarray(self)


def _row_array(values: Any, shape: tuple, what: str) -> np.ndarray:
    """samples x numbers of float32. `shape` is that of a sample; sizes of 1 may be left out."""
    if isinstance(values, (str, bytes)) or hasattr(values, "__next__"):
        raise TypeError("%s is an array, got %s" % (what, type(values).__name__))
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError("%s holds numbers, got %s" % (what, array.dtype))
    fits = array.ndim > 0 and (
        [size for size in array.shape[1:] if size != 1] == [size for size in shape if size != 1])
    if not fits:
        raise ValueError("%s is %s: the model takes samples of %s, the first dimension counts them"
                         % (what, list(array.shape), list(shape)))
    return np.ascontiguousarray(array, np.float32).reshape(len(array), -1)


def rows_of(values: Any, names: Sequence[str], shapes: Sequence[tuple]) -> np.ndarray:
    """The samples of a model: of several inputs one after the other in each row."""
    if len(shapes) == 1 and not isinstance(values, dict):
        single = values[0] if isinstance(values, (list, tuple)) and len(values) == 1 and \
            isinstance(values[0], np.ndarray) else values
        return _row_array(single, shapes[0], "x")
    if isinstance(values, dict):
        missing = [name for name in names if name not in values]
        if missing:
            raise ValueError("x has no input %s; it has %s" % (", ".join(missing),
                                                               ", ".join(map(str, values))))
        values = [values[name] for name in names]
    if len(values) != len(shapes):
        raise ValueError("the model has %d inputs (%s), x has %d" %
                         (len(shapes), ", ".join(names), len(values)))
    parts = [_row_array(value, shape, "x of input " + name)
             for name, value, shape in zip(names, values, shapes)]
    if len({len(part) for part in parts}) != 1:
        raise ValueError("the inputs have different numbers of samples: %s" %
                         ", ".join("%s %d" % (name, len(part))
                                   for name, part in zip(names, parts)))
    return np.ascontiguousarray(np.concatenate(parts, 1))


def targets(values: Any, count: int, elements: int, loss: str) -> np.ndarray:
    """The targets as float32."""
    if values is None:
        raise ValueError("y is missing: the targets of the samples")
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError("y holds numbers, got %s" % array.dtype)
    if array.ndim == 0 or len(array) != count:
        raise ValueError("x has %d samples, y %s" %
                         (count, len(array) if array.ndim else "is a number"))
    if array.size != count * elements:
        remedy = ""
        if loss == "sparse_categorical_crossentropy":
            remedy = ": this loss takes numbers of classes; categorical_crossentropy takes rows"
        elif loss == "categorical_crossentropy" and array.size == count:
            remedy = ": make rows of numbers of classes with to_categorical, or use " \
                "sparse_categorical_crossentropy"
        raise ValueError("y is %s, the loss %s takes %d numbers for each sample%s" %
                         (list(array.shape), loss, elements, remedy))
    return np.ascontiguousarray(array, np.float32).reshape(count, -1)


def factors(values: Any, count: int) -> Optional[np.ndarray]:
    """The weights of samples."""
    if values is None:
        return None
    array = np.ascontiguousarray(values, np.float32).reshape(-1)
    if array.size != count:
        raise ValueError("x has %d samples, sample_weight %d" % (count, array.size))
    return array


def check_finite(rows: np.ndarray, what: str) -> None:
    """Raises ValueError, naming the sample, for what is no number."""
    if not np.isfinite(rows.sum(dtype=np.float64)):  # quick; exact where it is not
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=1))
        if bad.size:
            raise ValueError("sample %d of %s holds numbers that are not finite%s" %
                             (bad[0], what, ", and %d more" % (bad.size - 1)
                              if bad.size > 1 else ""))


def class_weights(given: Optional[Dict[int, float]]) -> List[float]:
    """By class, 1 for those that are not named."""
    if not given:
        return []
    classes = [int(key) for key in given]
    if min(classes) < 0:
        raise ValueError("class_weight names the class %d" % min(classes))
    found = [1.0] * (max(classes) + 1)
    for key, value in given.items():
        found[int(key)] = float(value)
    return found
