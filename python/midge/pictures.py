# SPDX-License-Identifier: Apache-2.0
"""Pictures in, words out: the rules of the command `midge classify`."""
from __future__ import annotations

import ctypes
import io
import os
import re
import zipfile
from ctypes import byref
from typing import Any, List, NamedTuple, Sequence, Union

import numpy as np

from midge import _library
from midge._library import quick, text
from midge.model import Model

__all__ = ["Classifier", "Result", "classify"]

_AXIS_LABELS = 2
_TYPES = (np.uint8, np.int8, np.int16, np.float32, np.float16)
_NO_PILLOW = ("reading and resizing pictures needs Pillow (pip install pillow); without it give an "
              "array of uint8 with the model's own height and width")


class Result(NamedTuple):
    """One class: its place in the output, its label ("" where there is none) and its score."""
    index: int
    label: str
    score: float


def classify(image: Any, model: Any = None, labels: Union[str, Sequence[str], None] = None,
             top: int = 5, threads: int = 1) -> List[Result]:
    """Says what is on a picture.

    Args:
        image: path of a picture, a Pillow image, or an array of uint8: height x width, or height x
            width x channels with 1 (grey), 3 (RGB) or 4 channels (RGB and alpha, which is left
            out). Pictures of another size are resized (bicubic), which needs Pillow.
        model: path of a .tflite file or its bytes; None: the built-in classifier of clothes.
        labels: path of a text with one label a line, or a sequence of str. None: those in the
            model's file, else those in MODEL.txt, MODEL_labels.txt or labels.txt beside it.
        top: how many classes, best first.
        threads: threads that compute.

    Raises:
        ValueError: not a picture, not a classifier, or labels of another model.
        ImportError: Pillow is needed and missing.
        OSError: a file cannot be read.
    """
    return Classifier(model, labels, threads=threads)(image, top=top)


class Classifier:
    """classify() for many pictures: loads the model once. Arguments as of classify()."""

    def __init__(self, model: Any = None, labels: Union[str, Sequence[str], None] = None, *,
                 threads: int = 1):
        source = model if model is not None else _built_in("fashion_mnist_int8.tflite")
        self._model = Model(source, threads=threads, real=True)
        if len(self._model.inputs) != 1:
            raise ValueError("%r has %d inputs; a classifier of pictures has one" %
                             (self._model, len(self._model.inputs)))
        self._input = self._model.inputs[0]
        if self._input.dtype not in _TYPES:
            raise ValueError("%r takes %s, which is none for pictures" %
                             (self._model, np.dtype(self._input.dtype).name))
        self._find_axes()
        self._find_output()
        self._read_metadata()
        self.labels = self._find_labels(source, labels)

    def _find_axes(self) -> None:
        """Where height, width and channels lie in the input's shape."""
        shape = self._input.shape
        self._flat = self._planes = False
        self.channels = 1
        if len(shape) == 2 and shape[0] == 1 and shape[1] > 1:
            self._flat = True
            self.height = self.width = int(round(shape[1] ** 0.5))
            sound = self.height * self.width == shape[1]
        elif len(shape) == 3 and shape[2] in (1, 3) and shape[0] != 1:
            self.height, self.width, self.channels = shape
            sound = True
        elif len(shape) == 4 and shape[3] in (1, 3):
            _, self.height, self.width, self.channels = shape
            sound = True
        elif len(shape) == 4 and shape[1] in (1, 3):
            _, self.channels, self.height, self.width = shape
            self._planes = sound = True
        else:
            sound = len(shape) in (2, 3)
            self.height, self.width = shape[-2:] if sound else (0, 0)
        if not sound:
            raise ValueError("%r takes no picture of 1 or 3 channels" % (self._model,))

    def _find_output(self) -> None:
        """The scores are the first output whose values lie along one axis."""
        for place, port in enumerate(self._model.outputs):
            count = int(np.prod(port.shape))
            if count == max(port.shape, default=0) and np.dtype(port.dtype).kind in "iuf":
                self._output, self._classes = place, count
                return
        raise ValueError("%r gives no row of scores, as a classifier does" % (self._model,))

    def _read_metadata(self) -> None:
        """Normalisation and name of the label file, where the model states them."""
        self._mean = self._deviation = None
        self._label_file = ""
        metadata, error = ctypes.c_void_p(), _library.Error()
        handle = self._model._open().model
        if quick.midge_metadata_create(handle, byref(metadata), byref(error)) or not metadata:
            return
        about = _library.TensorMetadata()
        if quick.midge_metadata_tensor(metadata, False, 0, byref(about)):
            if about.mean_count and about.deviation_count:
                self._mean = np.array(about.mean[:about.mean_count], np.float32)
                self._deviation = np.array(about.deviation[:about.deviation_count], np.float32)
        if quick.midge_metadata_tensor(metadata, True, self._output, byref(about)):
            self._label_file = self._choose_label_file(metadata, about.file_count)
        quick.midge_metadata_free(metadata)

    def _choose_label_file(self, metadata: Any, count: int) -> str:
        """One without a language, or in English, goes before others."""
        chosen, found = "", _library.AssociatedFile()
        for i in range(count):
            quick.midge_metadata_file(metadata, True, self._output, i, byref(found))
            if found.type != _AXIS_LABELS or not found.name:
                continue
            preferred = not found.locale or found.locale.startswith(b"en")
            if preferred or not chosen:
                chosen = text(found.name)
            if preferred:
                break
        return chosen

    def _find_labels(self, source: Any, given: Any) -> List[str]:
        if given is not None and not isinstance(given, (str, bytes, os.PathLike)):
            return self._check_labels(list(given), "labels")
        if given is not None:
            return self._check_labels(read_labels(given), os.fsdecode(given))
        if self._label_file:
            try:
                return self._check_labels(self._packed_labels(), self._label_file)
            except (KeyError, zipfile.BadZipFile):
                pass
        if isinstance(source, (str, os.PathLike)):
            stem, folder = os.path.splitext(os.fspath(source))[0], os.path.dirname(source)
            for path in (stem + ".txt", stem + "_labels.txt", os.path.join(folder, "labels.txt")):
                if os.path.exists(path):
                    return self._check_labels(read_labels(path), path)
        return []

    def _packed_labels(self) -> List[str]:
        """The label file in the archive behind the model."""
        size = ctypes.c_size_t()
        address = quick.midge_model_file(self._model._open().model, byref(size))
        with zipfile.ZipFile(io.BytesIO(ctypes.string_at(address, size.value))) as archive:
            return parse_labels(archive.read(self._label_file), self._label_file)

    def _check_labels(self, labels: List[str], name: str) -> List[str]:
        if abs(len(labels) - self._classes) > 1:
            raise ValueError("%s has %d labels, but the model gives %d scores" %
                             (name, len(labels), self._classes))
        return labels

    def __call__(self, image: Any, top: int = 5) -> List[Result]:
        """The best classes of a picture; see classify()."""
        outputs = self._model(self._encode(self._pixels(image)))
        port = self._model.outputs[self._output]
        scores = outputs[port.name] if isinstance(outputs, dict) else outputs
        scores = scores.reshape(-1).astype(np.float64)
        order = np.argsort(np.where(np.isnan(scores), np.inf, -scores), kind="stable")[:top]
        return [Result(int(i), self.labels[i] if i < len(self.labels) else "", float(scores[i]))
                for i in order]

    def __repr__(self) -> str:
        return "<midge Classifier, %d labels, over %r>" % (len(self.labels), self._model)

    def _pixels(self, image: Any) -> np.ndarray:
        """height x width x channels of uint8, of the model's size."""
        if isinstance(image, np.ndarray):
            if image.dtype != np.uint8 or image.ndim not in (2, 3):
                raise ValueError("a picture is an array of uint8 with 2 or 3 dimensions, got %s "
                                 "%s" % (image.dtype, list(image.shape)))
            if image.ndim == 2 or image.shape[2] == 1:
                plain = image.reshape(image.shape[:2])
                pixels = plain[:, :, None] if self.channels == 1 else np.stack([plain] * 3, 2)
            else:
                pixels = image[:, :, :3]
            if (self._fits(pixels.shape[0], pixels.shape[1]) and
                    pixels.shape[2] == self.channels):
                return pixels
        try:
            from PIL import Image, ImageOps
        except ImportError:
            raise ImportError(_NO_PILLOW) from None
        if isinstance(image, np.ndarray):
            picture = Image.fromarray(np.squeeze(pixels))
        else:
            picture = image if isinstance(image, Image.Image) else Image.open(image)
        picture = ImageOps.exif_transpose(picture).convert("RGB")
        picture = picture.convert("L" if self.channels == 1 else "RGB")
        if not self._fits(picture.height, picture.width):
            size = (self.width if self.width > 0 else picture.width,
                    self.height if self.height > 0 else picture.height)
            picture = picture.resize(size, Image.BICUBIC)
        pixels = np.asarray(picture)
        return pixels[:, :, None] if pixels.ndim == 2 else pixels

    def _fits(self, height: int, width: int) -> bool:
        return self.height in (height, -1) and self.width in (width, -1)

    def _encode(self, pixels: np.ndarray) -> np.ndarray:
        """Pixels as the input takes them: bytes as they are, else normalised as the model states,
        else to -1 … 1."""
        port = self._input
        if port.dtype is np.int8 and self._mean is None:
            values = (pixels.astype(np.int16) - 128).astype(np.int8)
        elif port.dtype is np.uint8:
            values = pixels
        else:
            mean = np.float32(127.5) if self._mean is None else self._mean
            deviation = np.float32(127.5) if self._deviation is None else self._deviation
            values = (pixels.astype(np.float32) - mean) / deviation
        return np.ascontiguousarray(self._arrange(values))

    def _arrange(self, values: np.ndarray) -> np.ndarray:
        """height x width x channels in the order of the input's dimensions."""
        rank = len(self._input.shape)
        if self._flat:
            return values.reshape(1, -1)
        if self._planes:
            return np.moveaxis(values, 2, 0)[np.newaxis]
        if rank == 4:
            return values[np.newaxis]
        if rank == 3 and self._input.shape[0] != 1 and self._input.shape[2] == self.channels:
            return values
        return values[:, :, 0] if rank == 2 else values[np.newaxis, :, :, 0]


def _built_in(name: str) -> str:
    """A file of the package, or of the source tree when that is used in place."""
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (here, os.path.join(here, os.pardir, os.pardir, "models")):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    raise ValueError("this installation has no built-in model; name one with model=")


def read_labels(path: Any) -> List[str]:
    """Labels of a text file, one a line."""
    with open(path, "rb") as file:
        return parse_labels(file.read(), os.fsdecode(path))


def parse_labels(content: bytes, name: str) -> List[str]:
    """One label a line, or lines "NUMBER LABEL" with rising numbers."""
    if b"\0" in content:
        raise ValueError("%s is not text; give a text with one label a line" % name)
    lines = [line.strip(" \t\r") for line in content.decode("utf-8-sig", "replace").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise ValueError("%s has no labels; give a text with one label a line" % name)
    numbered = [re.match(r"(\d+)[:,\s]\s*(\S.*)", line) for line in lines if line]
    numbers = [int(match.group(1)) if match else -1 for match in numbered]
    if len(numbers) < 2 or any(a >= b for a, b in zip([-1] + numbers, numbers)):
        return lines
    if numbers[-1] > 1000000:
        raise ValueError("%s numbers a label %d; is it a label file?" % (name, numbers[-1]))
    labels = [""] * (numbers[-1] + 1)
    for number, match in zip(numbers, numbered):
        labels[number] = match.group(2)
    return labels
