# SPDX-License-Identifier: Apache-2.0
"""Small things around training."""
from __future__ import annotations

import random
from typing import Any, Dict, Optional

import numpy as np

from midge.keras._absent import absent
from midge.keras._batches import PyDataset
from midge.keras._pictures import image_dataset_from_directory

__all__ = ["PyDataset", "Sequence", "image_dataset_from_directory", "set_random_seed",
           "to_categorical"]

Sequence = PyDataset  # the name before Keras 3

_seed: Dict[str, Any] = {"next": None}


def set_random_seed(seed: int) -> None:
    """What first weights, the order of samples and dropout follow from; seeds Python's and NumPy's
    own random numbers, too."""
    seed = int(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)
    _seed["next"] = seed


def next_seed() -> int:
    """The seed of the next model: another each time, the same series after set_random_seed()."""
    if _seed["next"] is None:
        return random.SystemRandom().getrandbits(63)
    seed = _seed["next"]
    _seed["next"] = seed + 1
    return seed % 2**64


def to_categorical(x: Any, num_classes: Optional[int] = None) -> np.ndarray:
    """Numbers of classes as one-hot rows of float."""
    numbers = np.asarray(x, np.int64)
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    classes = int(num_classes or (numbers.max() + 1 if numbers.size else 0))
    if numbers.size and not 0 <= int(numbers.min()) <= int(numbers.max()) < classes:
        raise ValueError("classes are 0 to %d, got %d to %d" %
                         (classes - 1, numbers.min(), numbers.max()))
    rows = np.zeros((*numbers.shape, classes))
    np.put_along_axis(rows, numbers[..., None], 1.0, axis=-1)
    return rows


__getattr__ = absent("midge.keras.utils", __all__)
