# SPDX-License-Identifier: Apache-2.0
"""Reads IDX files, the format of MNIST and its relatives."""
import gzip
import pathlib
import struct

import numpy as np

FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")  # Debian: dataset-fashion-mnist


def read_idx(path):
    """An IDX file: two zero bytes, the type (8: unsigned byte), the rank, sizes big-endian."""
    raw = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    zeros, kind, rank = struct.unpack(">HBB", raw[:4])
    if zeros or kind != 8:
        raise SystemExit(f"{path}: not an IDX file of unsigned bytes")
    shape = struct.unpack(f">{rank}I", raw[4:4 + 4 * rank])
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_split(folder, prefix):
    found = []
    for part in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        names = [folder / f"{prefix}-{part}.gz", folder / f"{prefix}-{part}"]
        path = next((name for name in names if name.exists()), None)
        if path is None:
            raise SystemExit(f"{names[0]} is missing: apt install dataset-fashion-mnist, or --data")
        found.append(read_idx(path))
    return found
