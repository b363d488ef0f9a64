"""Chance for many pictures at once: numbers that depend on what they are for, and on nothing that came before.

A generator of NumPy's for each picture costs 15 µs to make, as much as turning the picture; mixing the picture's
numbers gives all of a batch in one go.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# How many numbers each change gets for each picture.
DRAWS = 10

# SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2714064.2660195): an odd step and two multipliers.
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def uniform(seed: int, epoch: int, step: int, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Returns numbers from 0 to below 1, float64 (n, DRAWS), the same for the same arguments.

    Args:
        step: which of the changes they are for.
        places: which pictures they are for, int64 (n,).
    """
    start = np.zeros(1, np.uint64)
    for part in (seed, epoch, step):
        start = _mixed(start + _STEP * np.array([part + 1], np.uint64))
    rows = _mixed(start + _STEP * (places.astype(np.uint64) + np.uint64(1)))
    draws = _mixed(rows[:, None] + _STEP * np.arange(1, DRAWS + 1, dtype=np.uint64))
    # The upper 53 bits: as many as a float64 holds.
    return (draws >> np.uint64(11)).astype(np.float64) * 2.0**-53


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # Whole numbers of arrays wrap around in silence, which is what is meant here.
    numbers = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
    numbers = (numbers ^ (numbers >> np.uint64(27))) * _SECOND
    return numbers ^ (numbers >> np.uint64(31))
