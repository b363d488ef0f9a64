"""What is said of several measurements: the median, and how far they spread."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """The middle of some measurements, their ends and their number, in the unit of the measurements."""

    median: float
    low: float
    high: float
    count: int


def summary(values: Sequence[float]) -> Summary:
    """Returns the summary of at least one measurement."""
    return Summary(statistics.median(values), min(values), max(values), len(values))


def percentile(values: Sequence[float], percent: int) -> float:
    """Returns the smallest measurement that at least `percent` of all do not exceed (the nearest-rank method)."""
    ordered = sorted(values)
    rank = -(-percent * len(ordered) // 100)
    return ordered[max(0, rank - 1)]
