# SPDX-License-Identifier: Apache-2.0
"""Random shapes, values and quantisations for cases, all from one seed."""
import zlib

import numpy as np

from case import NUMPY, Quantization, constant, feed

QUANTIZED = ("int8", "uint8", "int16")


class Draw:
    def __init__(self, seed, operator, number):
        self.random = np.random.default_rng([seed, zlib.crc32(operator.encode()), number])
        self.number = number

    def chance(self, probability):
        return self.random.random() < probability

    def one(self, *choices):
        return choices[int(self.random.integers(len(choices)))]

    def integer(self, low, high):
        """From low to high, both included."""
        return int(self.random.integers(low, high + 1))

    def real(self, low, high):
        return float(self.random.uniform(low, high))

    def size(self, usual=6, large=70):
        """One dimension: mostly small, at times 1, at times past any vector or tile."""
        dice = self.random.random()
        if dice < 0.12:
            return 1
        return self.integer(usual, large) if dice > 0.9 else self.integer(1, usual)

    def shape(self, lowest=1, highest=5, usual=6, elements=20000):
        """A shape of lowest to highest dimensions with at most `elements` elements."""
        rank = self.integer(lowest, highest)
        while True:
            shape = [self.size(usual) for _ in range(rank)]
            if np.prod(shape, dtype=np.int64) <= elements:
                return shape

    def axis(self, rank, negative=True):
        return self.integer(-rank if negative else 0, rank - 1)

    def quantization(self, kind, scale=None):
        """A scale within the usual and a zero point that leaves room on both sides; None for kinds
        that carry no quantisation."""
        if kind not in QUANTIZED:
            return None
        scale = scale if scale is not None else 10 ** self.real(-2.5, -0.5)
        if kind == "int16":
            return Quantization.of(scale / 128)
        low = -128 if kind == "int8" else 0
        return Quantization.of(scale, self.integer(low + 20, low + 235))

    def values(self, kind, shape, flavour="any"):
        """Data of a kind. Flavours: any (whole range of small integers with its ends; normal
        floats with zeros), few (small whole numbers, so that equal ones meet), positive,
        nonzero, unit (0 to 1)."""
        dtype = NUMPY[kind]
        if kind == "bool":
            return self.random.integers(0, 2, shape).astype(dtype)
        if flavour == "few":
            low = 0 if kind.startswith("u") else -4
            return self.random.integers(low, 5, shape).astype(dtype)
        if flavour == "nonzero":
            sign = 1 if kind.startswith("u") else self.random.choice([-1, 1], shape)
            return (self.random.integers(1, 8, shape) * sign).astype(dtype)
        if np.dtype(dtype).kind == "c":
            return (self.random.normal(size=shape)
                    + 1j * self.random.normal(size=shape)).astype(dtype)
        if np.dtype(dtype).kind == "f":
            return self.floats(shape, flavour).astype(dtype)
        if flavour == "positive":
            return self.random.integers(1, 100, shape).astype(dtype)
        return self.integers(kind, shape)

    def floats(self, shape, flavour):
        if flavour == "unit":
            return np.asarray(self.random.random(shape))
        values = np.asarray(self.random.normal(0, 2, shape))
        if flavour == "positive":
            return np.abs(values) + 0.01
        if self.chance(0.3):
            values = np.where(self.random.random(shape) < 0.1, 0.0, values)
        if self.chance(0.1):
            values = np.round(values * 2) / 2  # halves: where rounding rules differ
        return np.asarray(values)

    def integers(self, kind, shape):
        if kind == "int4":
            return self.random.integers(-8, 8, shape).astype(np.int8)
        limits = np.iinfo(NUMPY[kind])
        low, high = max(limits.min, -10000), min(limits.max, 10000)
        if limits.bits <= 16:
            low, high = limits.min, limits.max
        values = self.random.integers(low, high, shape, endpoint=True)
        ends = self.random.random(shape)
        values = np.where(ends < 0.04, low, np.where(ends > 0.96, high, values))
        return np.asarray(values).astype(NUMPY[kind])

    def tensor(self, kind, shape, quantization=None, flavour="any", constant_chance=0.0):
        make = constant if self.chance(constant_chance) else feed
        return make(kind, self.values(kind, shape, flavour), quantization)

    def parameter(self, kind, values, constant_chance=0.8):
        """A tensor that steers shapes: mostly constant, at times known only when the model runs."""
        make = constant if self.chance(constant_chance) else feed
        return make(kind, np.asarray(values, NUMPY[kind]))

    def broadcast(self, highest=4):
        """Two shapes that broadcast to one another."""
        whole = self.shape(1, highest)
        other = list(whole)
        dice = self.random.random()
        if dice < 0.4:
            return whole, other
        if dice < 0.6:
            other = other[self.integer(0, len(other)):]
        else:
            other = [1 if self.chance(0.5) else size for size in other]
            if dice > 0.85:
                whole = [1 if full == part and self.chance(0.3) else full
                         for full, part in zip(whole, other)]
        return (whole, other) if self.chance(0.5) else (other, whole)

    def multiplier_scale(self, product, kind):
        """An output scale for a product of two scales that uses the output's range well."""
        return float(product * self.real(30, 300) * (256 if kind == "int16" else 1))
