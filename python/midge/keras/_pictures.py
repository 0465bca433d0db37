# SPDX-License-Identifier: Apache-2.0
"""Pictures by class, read from a folder batch by batch."""
# pylint: disable=too-many-arguments
from __future__ import annotations

import os
from typing import Any, List, Optional, Sequence, Tuple

import numpy as np

from midge.keras._batches import PyDataset

__all__ = ["image_dataset_from_directory"]

_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3), "rgba": ("RGBA", 4)}


def _scale(pixels: np.ndarray, size: Tuple[int, int], method: str) -> np.ndarray:
    """Another size, as TensorFlow scales: the middle of pixels counts, nothing is averaged."""
    for axis, wanted in enumerate(size):
        have = pixels.shape[axis]
        at = (np.arange(wanted) + 0.5) * have / wanted
        if method == "nearest":
            pixels = pixels.take(np.minimum(at.astype(int), have - 1), axis)
            continue
        at = np.maximum(at - 0.5, 0)
        low = np.minimum(at.astype(int), have - 1)
        high = np.minimum(low + 1, have - 1)
        share = (at - low).astype(np.float32).reshape([-1 if i == axis else 1 for i in range(3)])
        pixels = pixels.take(low, axis) * (1 - share) + pixels.take(high, axis) * share
    return pixels


class _Pictures(PyDataset):
    """What image_dataset_from_directory() gives; class_names and file_paths tell about it."""

    def __init__(self, paths: List[str], labels: Optional[np.ndarray], names: List[str], mode: str,
                 batch: Optional[int], size: Tuple[int, int], method: str):
        super().__init__()
        self.file_paths, self.class_names = paths, names
        self._labels, self._mode, self._size, self._method = labels, mode, size, method
        self._batch = batch or 1

    def __len__(self) -> int:
        return -(-len(self.file_paths) // self._batch)

    def _read(self, path: str) -> np.ndarray:
        from PIL import Image, UnidentifiedImageError
        letters, channels = _MODES[self._mode]
        try:
            with Image.open(path) as picture:
                pixels = np.asarray(picture.convert(letters), np.float32)
        except (OSError, UnidentifiedImageError) as error:
            raise ValueError("%s is no picture that can be read: %s" % (path, error)) from None
        return _scale(pixels.reshape(*pixels.shape[:2], channels), self._size, self._method)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        part = slice(index * self._batch, (index + 1) * self._batch)
        pictures = np.stack([self._read(path) for path in self.file_paths[part]])
        return pictures if self._labels is None else (pictures, self._labels[part])


def _find(directory: str, names: List[str]) -> Tuple[List[str], List[int]]:
    paths, numbers = [], []
    for number, name in enumerate(names):
        before = len(paths)
        for folder, _, files in sorted(os.walk(os.path.join(directory, name))):
            found = [file for file in sorted(files) if file.lower().endswith(_ENDINGS)]
            paths += [os.path.join(folder, file) for file in found]
        numbers += [number] * (len(paths) - before)
    return paths, numbers


def _targets(numbers: List[int], names: List[str], mode: Optional[str]) -> Optional[np.ndarray]:
    if mode is None:
        return None
    if mode == "int":
        return np.array(numbers, np.int32)
    if mode == "categorical":
        return np.eye(len(names), dtype=np.float32)[numbers]
    if mode == "binary":
        if len(names) != 2:
            raise ValueError("label_mode='binary' is for 2 classes, there are %d: %s" %
                             (len(names), ", ".join(names)))
        return np.array(numbers, np.float32)[:, None]
    raise ValueError("label_mode is 'int', 'categorical', 'binary' or None, got %r" % (mode,))


def image_dataset_from_directory(
        directory: Any, labels: Any = "inferred", label_mode: Optional[str] = "int",
        class_names: Optional[Sequence[str]] = None, color_mode: str = "rgb",
        batch_size: Optional[int] = 32, image_size: Tuple[int, int] = (256, 256),
        shuffle: bool = True, seed: Optional[int] = None,
        validation_split: Optional[float] = None, subset: Optional[str] = None,
        interpolation: str = "bilinear", follow_links: bool = False, **ignored: Any) -> Any:
    """Pictures from a folder with a folder for each class, as batches for fit, evaluate and
    predict.

    Args:
        directory: the folder.
        labels: "inferred", or None for pictures without classes.
        label_mode: "int" for numbers of classes, "categorical" for one-hot rows, "binary", None.
        class_names: the folders, in the order of their numbers; None: all, sorted.
        color_mode: "rgb", "grayscale" or "rgba".
        batch_size: pictures of a batch.
        image_size: (height, width) to scale to.
        shuffle: draw an order by `seed`; needed for parts that both hold all classes.
        validation_split: the share of the pictures that subset="validation" has; "training" has
            the others, "both" gives a pair.
        interpolation: "bilinear" or "nearest".

    Returns:
        A utils.PyDataset of (pictures, labels): float32 from 0 to 255, batch x height x width x
        channels. class_names and file_paths are attributes.

    Raises:
        FileNotFoundError: there is no such folder, or it has no pictures.
        ValueError: arguments that do not go together, or later a file that is no picture.
    """
    folder = os.fspath(directory)
    for name, value in ignored.items():
        if value:
            raise ValueError("image_dataset_from_directory: %s is not supported" % name)
    if labels not in ("inferred", None):
        raise ValueError("labels is 'inferred' or None: give lists of labels to fit as arrays")
    if color_mode not in _MODES or interpolation not in ("bilinear", "nearest"):
        raise ValueError("color_mode is one of %s, interpolation bilinear or nearest" %
                         ", ".join(_MODES))
    if (validation_split is None) != (subset is None) or subset not in (
            None, "training", "validation", "both"):
        raise ValueError("validation_split goes with subset='training', 'validation' or 'both'")
    if subset is not None and shuffle and seed is None:
        raise ValueError("parts that are drawn need the same seed for both: give seed, or "
                         "shuffle=False")
    if not os.path.isdir(folder):
        raise FileNotFoundError("there is no folder %s" % folder)
    inside = sorted(name for name in os.listdir(folder) if os.path.isdir(os.path.join(folder, name)))
    names = list(class_names or inside) if labels == "inferred" else [""]
    missing = [name for name in names if not os.path.isdir(os.path.join(folder, name))]
    if missing:
        raise ValueError("class_names has %s, which is no folder in %s" % (missing[0], folder))
    paths, numbers = _find(folder, names)
    if not paths:
        raise FileNotFoundError("%s has no pictures (%s) in a folder for each class" %
                                (folder, ", ".join(_ENDINGS)))
    if shuffle:
        order = np.random.default_rng(seed).permutation(len(paths))
        paths, numbers = [paths[i] for i in order], [numbers[i] for i in order]
    goals = _targets(numbers, names, label_mode if labels == "inferred" else None)

    def part(first: int, last: int) -> _Pictures:
        return _Pictures(paths[first:last], None if goals is None else goals[first:last], names,
                         color_mode, batch_size, tuple(image_size), interpolation)

    cut = len(paths) - int(len(paths) * (validation_split or 0))
    parts = {None: (0, len(paths)), "training": (0, cut), "validation": (cut, len(paths))}
    if subset == "both":
        return part(*parts["training"]), part(*parts["validation"])
    return part(*parts[subset])
