# SPDX-License-Identifier: Apache-2.0
"""Whether a result equals the reference, and how far a float may be from it.

Integers and booleans must be equal. Floats, with |m| the largest finite magnitude of the tensor:
  moved        equal (zeros of either sign are)
  elementwise  2e-6 |reference| + 2e-7 |m|
  cancelled    2e-6 |reference| + 2e-7 |m| + 1e-6
  summed       1e-5 |reference| + 1e-5 |m|
"""
import numpy as np

from case import CANCELLED, ELEMENTWISE, MOVED, SUMMED

# Shares of the value and of the largest magnitude, and an absolute part.
BOUNDS = {MOVED: (0.0, 0.0, 0.0), ELEMENTWISE: (2e-6, 2e-7, 0.0), CANCELLED: (2e-6, 2e-7, 1e-6),
          SUMMED: (1e-5, 1e-5, 0.0)}


def same_bits(first, second):
    return (first.dtype == second.dtype and first.shape == second.shape
            and first.tobytes() == second.tobytes())


def difference(got, wanted, bound=SUMMED):
    """"" when `got` is right, else what is wrong with it."""
    if got.dtype != wanted.dtype:
        return f"type {got.dtype}, expected {wanted.dtype}"
    if got.shape != wanted.shape:
        return f"shape {list(got.shape)}, expected {list(wanted.shape)}"
    if wanted.dtype.kind not in "fc":
        wrong = got != wanted
        if not wrong.any():
            return ""
        apart = np.abs(got.astype(np.float64) - wanted.astype(np.float64)).max()
        return (f"{int(wrong.sum())} of {wrong.size} integers differ, by {apart:g} at most; "
                f"got {got[wrong][0]}, expected {wanted[wrong][0]}")
    of_value, of_largest, absolute = BOUNDS[bound]
    finite = np.isfinite(wanted)
    largest = np.abs(wanted[finite]).max(initial=0)
    with np.errstate(invalid="ignore", over="ignore"):
        allowed = of_value * np.abs(wanted) + of_largest * largest + absolute
        near = np.abs(got - wanted) <= allowed
    wrong = ~((got == wanted) | (np.isnan(got) & np.isnan(wanted)) | (near & finite))
    if not wrong.any():
        return ""
    return (f"{int(wrong.sum())} of {wrong.size} floats are beyond the bound '{bound}'; "
            f"got {got[wrong][0]!r}, expected {wanted[wrong][0]!r}")


def distance(got, wanted):
    """The largest difference of floats, as a share of the largest magnitude."""
    finite = np.isfinite(wanted) & np.isfinite(got)
    largest = np.abs(wanted[finite]).max(initial=0)
    return float(np.abs(got[finite] - wanted[finite]).max(initial=0) / largest) if largest else 0.0
