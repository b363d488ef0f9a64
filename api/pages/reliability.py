"""How far a model's sureness can be believed: its answers by how sure they were, and how often they were right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.registry import CalibrationBin
from shared.shares import SPACE


@dataclass(frozen=True)
class Sure:
    """The answers of one range of scores.

    Attributes:
        x, width: of the range, in percent of the chart's width.
        right: the bar's height, in percent of the chart's.
    """

    words: str
    count: int
    confidence: float
    accuracy: float
    x: float
    width: float
    right: float


def reliability_of(bins: Sequence[CalibrationBin]) -> list[Sure]:
    """Returns the ranges that have answers, the least sure first."""
    return [
        Sure(
            words=f"{one.lower * 100:.3g}–{one.upper * 100:.3g}{SPACE}%",
            count=one.count,
            confidence=one.confidence,
            accuracy=one.accuracy,
            x=round(one.lower * 100, 2),
            width=round((one.upper - one.lower) * 100, 2),
            right=round(one.accuracy * 100, 2),
        )
        for one in bins
        if one.confidence is not None and one.accuracy is not None
    ]
