# SPDX-License-Identifier: Apache-2.0
"""Pictures to learn from, from files on this machine. Nothing is downloaded.

Looked for, in this order: in the folder that MIDGE_DATASETS names (or NAME in it), in
~/.keras/datasets/NAME, in /usr/share/datasets/NAME, where Debian's dataset-fashion-mnist puts it.
"""
from __future__ import annotations

import gzip
import os
import struct
import sys
import types
from typing import Any, List, Optional, Tuple

import numpy as np

from midge.keras import _cifar
from midge.keras._absent import absent

__all__ = ["cifar10", "fashion_mnist", "mnist"]

_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
          "t10k-labels-idx1-ubyte")
_Split = Tuple[np.ndarray, np.ndarray]


def _folders(name: str, given: str = "") -> List[str]:
    """Where a data set may be: a folder that is given, and the usual ones."""
    if given and os.path.isdir(given):
        return [os.path.join(given, name), given]
    given = os.environ.get("MIDGE_DATASETS", "")
    found = [os.path.join(given, name), given] if given else []
    home = os.path.join(os.path.expanduser("~"), ".keras", "datasets")
    return found + [os.path.join(home, name), os.path.join("/usr/share/datasets", name)]


def _find(folder: str, name: str) -> Optional[str]:
    """A file of a data set, compressed or not, with the dots that some sites write."""
    for stem in (name, name.replace("-idx", ".idx")):
        for ending in (".gz", ""):
            path = os.path.join(folder, stem + ending)
            if os.path.isfile(path):
                return path
    return None


def read_idx(path: str) -> np.ndarray:
    """The bytes of an IDX file, in its shape.

    Raises:
        ValueError: it is none, or cut off.
    """
    opened = gzip.open if path.endswith(".gz") else open
    with opened(path, "rb") as file:
        content = file.read()
    rank = content[3] if len(content) > 3 and content[:3] == b"\0\0\x08" else 0
    if not 1 <= rank <= 4 or len(content) < 4 + 4 * rank:
        raise ValueError("%s is no IDX file of bytes" % path)
    shape = struct.unpack_from(">%dI" % rank, content, 4)
    pixels = np.frombuffer(content, np.uint8, offset=4 + 4 * rank)
    if pixels.size != int(np.prod(shape, dtype=np.int64)):
        raise ValueError("%s is cut off: %d of %d bytes" % (path, pixels.size, np.prod(shape)))
    return pixels.reshape(shape).copy()


def _load(name: str, single: str = "", given: str = "") -> Tuple[_Split, _Split]:
    for folder in _folders(name, given):
        paths = [_find(folder, file) for file in _FILES]
        if all(paths):
            a, b, c, d = (read_idx(str(path)) for path in paths)
            return (a, b), (c, d)
        packed = [os.path.join(where, single) for where in (folder, os.path.dirname(folder))]
        for path in packed if single else []:
            if os.path.isfile(path):
                with np.load(path, allow_pickle=False) as arrays:
                    return ((arrays["x_train"], arrays["y_train"]),
                            (arrays["x_test"], arrays["y_test"]))
    package = "Debian's package dataset-%s, " % name if name == "fashion-mnist" else ""
    raise FileNotFoundError(
        "the data set %s is not on this machine, and midge downloads nothing. Install %sor put "
        "%s (.gz or not) into ~/.keras/datasets/%s, or into a folder that the environment variable "
        "MIDGE_DATASETS names" % (name, package, ", ".join(_FILES), name))


def _module(name: str, folder: str, single: str, about: str) -> types.ModuleType:
    """A data set as the module that programs expect."""
    made = types.ModuleType(__name__ + "." + name, about)

    def load_data(path: Any = single) -> Tuple[_Split, _Split]:
        """(train pictures, train labels), (test pictures, test labels): arrays of uint8, the
        pictures samples x 28 x 28.

        Args:
            path: a folder with the files; else the name of one file to look for.

        Raises:
            FileNotFoundError: the files are not on this machine; the message says where to put
                them.
        """
        path = os.fspath(path or "")
        return _load(folder, os.path.basename(path), path)

    made.load_data = load_data  # type: ignore
    sys.modules[made.__name__] = made
    return made


fashion_mnist = _module("fashion_mnist", "fashion-mnist", "",
                        "70 000 pictures of clothes in 10 classes.")
mnist = _module("mnist", "mnist", "mnist.npz", "70 000 pictures of digits.")


def _load_cifar(path: Any = "") -> Tuple[_Split, _Split]:
    """(train pictures, train labels), (test pictures, test labels): arrays of uint8, the pictures
    samples x 32 x 32 x 3, the labels samples x 1.

    Args:
        path: a folder with the files.

    Raises:
        FileNotFoundError: the files are not on this machine; the message says where to put them.
        ValueError: one of them is damaged; the message names it.
    """
    for folder in _folders("cifar-10", os.fspath(path)):
        for place in (folder, os.path.dirname(folder)):
            found = _cifar.load_folder(place)
            if found is not None:
                return found
    raise FileNotFoundError(
        "the data set cifar10 is not on this machine, and midge downloads nothing. Put "
        "cifar-10-python.tar.gz, cifar-10-binary.tar.gz or the files in them into "
        "~/.keras/datasets/cifar-10, or into a folder that the environment variable "
        "MIDGE_DATASETS names or load_data is given")


cifar10 = types.ModuleType(__name__ + ".cifar10", "60 000 pictures in colour of 10 classes.")
cifar10.load_data = _load_cifar  # type: ignore
sys.modules[cifar10.__name__] = cifar10


__getattr__ = absent("midge.keras.datasets", __all__)
