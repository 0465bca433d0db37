# SPDX-License-Identifier: Apache-2.0
"""CIFAR-10 from its files: the binary form (a byte for the class, 3072 for the planes of a picture),
or the one for Python, pickled dictionaries, of which only arrays and plain values are taken."""
from __future__ import annotations

import io
import os
import pickle
import tarfile
from typing import Any, Callable, List, Optional, Tuple

import numpy as np

__all__ = ["load_folder"]

_BYTES = 3072
_TRAIN = ["data_batch_%d" % number for number in range(1, 6)]
_SAFE = {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype"),
         ("_codecs", "encode")}


class _Careful(pickle.Unpickler):
    """Makes arrays; calls nothing else that a file may name."""

    def find_class(self, module: str, name: str) -> Any:
        module = module.replace("numpy._core", "numpy.core")
        if (module, name) not in _SAFE:
            raise ValueError("it names %s.%s, which no data set needs" % (module, name))
        if name == "_reconstruct":
            return np.ndarray.__reduce__(np.zeros(1))[0]
        return super().find_class(module, name)


def _binary(content: bytes) -> Tuple[np.ndarray, np.ndarray]:
    rows = np.frombuffer(content, np.uint8)
    if rows.size == 0 or rows.size % (_BYTES + 1):
        raise ValueError("its size is no multiple of %d bytes" % (_BYTES + 1))
    rows = rows.reshape(-1, _BYTES + 1)
    return rows[:, 1:], rows[:, 0]


def _pickled(content: bytes) -> Tuple[np.ndarray, np.ndarray]:
    found = _Careful(io.BytesIO(content), encoding="bytes").load()
    data, labels = np.asarray(found[b"data"]), np.asarray(found[b"labels"], np.uint8)
    if data.dtype != np.uint8 or data.shape != (len(labels), _BYTES):
        raise ValueError("its pictures are %s of %s" % (list(data.shape), data.dtype))
    return data, labels


def _read(name: str, get: Callable[[str], Optional[bytes]]) -> Optional[tuple]:
    for ending, decode in ((".bin", _binary), ("", _pickled)):
        content = get(name + ending)
        if content is None:
            continue
        try:
            pixels, labels = decode(content)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, ImportError,
                pickle.UnpicklingError) as error:
            raise ValueError("%s%s is damaged: %s" % (name, ending, error)) from None
        return pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1), labels[:, None]
    return None


def _join(parts: List[Any]) -> Tuple[np.ndarray, np.ndarray]:
    return (np.ascontiguousarray(np.concatenate([part[0] for part in parts])),
            np.concatenate([part[1] for part in parts]))


def _load(get: Callable[[str], Optional[bytes]]) -> Optional[tuple]:
    parts = [_read(name, get) for name in [*_TRAIN, "test_batch"]]
    if any(part is None for part in parts):
        return None
    return _join(parts[:-1]), _join(parts[-1:])


def load_folder(folder: str) -> Optional[tuple]:
    """((x, y), (x, y)) from a folder, one in it, or an archive in it; None: they are not there."""
    inside = ("", "cifar-10-batches-py", "cifar-10-batches-bin", "cifar-10-batches-py-target")

    def from_disk(name: str) -> Optional[bytes]:
        for place in inside:
            path = os.path.join(folder, place, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    return file.read()
        return None

    found = _load(from_disk)
    for archive in ("cifar-10-python.tar.gz", "cifar-10-binary.tar.gz"):
        path = os.path.join(folder, archive)
        if found is None and os.path.isfile(path):
            with tarfile.open(path) as packed:
                members = {os.path.basename(member.name): member for member in packed
                           if member.isfile() and member.size < 1 << 28}

                def from_archive(name: str) -> Optional[bytes]:
                    file = packed.extractfile(members[name]) if name in members else None
                    return None if file is None else file.read()
                found = _load(from_archive)
    return found
