"""Calibration: does a score of 0.9 mean right nine times in ten?

Expected calibration error as in Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017
(arXiv:1706.04599), section 2: 15 bins of equal width over the score of the answer, and the mean distance between
accuracy and score of the bins, weighted by how many answers lie in each.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.registry import CalibrationBin

BINS = 15


def calibration_bins(answers: NDArray[np.float32], targets: NDArray[np.int64]) -> list[CalibrationBin]:
    """Returns the bins, least sure first; a score on an edge belongs to the bin below it.

    Args:
        answers: probabilities (n, labels).
        targets: true classes (n,).
    """
    scores = np.clip(answers.max(axis=1).astype(np.float64), 0, 1)
    right = answers.argmax(axis=1) == targets
    edges = np.linspace(0, 1, BINS + 1)
    places = np.clip(np.digitize(scores, edges, right=True) - 1, 0, BINS - 1)
    return [_bin(edges[k], edges[k + 1], scores[places == k], right[places == k]) for k in range(BINS)]


def calibration_error(bins: Sequence[CalibrationBin]) -> float:
    """Returns the expected calibration error, 0 (best) to 1."""
    filled = [(b.count, b.accuracy, b.confidence) for b in bins if b.accuracy is not None and b.confidence is not None]
    total = sum(count for count, _, _ in filled)
    return round(sum(count * abs(accuracy - sure) for count, accuracy, sure in filled) / total, 6) if total else 0.0


def _bin(lower: float, upper: float, scores: NDArray[np.float64], right: NDArray[np.bool_]) -> CalibrationBin:
    return CalibrationBin(
        lower=round(float(lower), 6),
        upper=round(float(upper), 6),
        count=len(scores),
        confidence=round(float(scores.mean()), 6) if len(scores) else None,
        accuracy=round(float(right.mean()), 6) if len(scores) else None,
    )
