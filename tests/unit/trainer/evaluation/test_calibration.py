"""Expected calibration error, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.evaluation.calibration import BINS, calibration_bins, calibration_error


def answers(scores: list[float]) -> NDArray[np.float32]:
    """Returns answers for the first of two classes with these scores."""
    return np.array([[score, 1 - score] for score in scores], np.float32)


def error(scores: list[float], right: list[bool]) -> float:
    targets = np.array([0 if one else 1 for one in right], np.int64)
    return calibration_error(calibration_bins(answers(scores), targets))


def test_a_model_that_is_right_as_often_as_it_says_has_no_error() -> None:
    assert error([0.75] * 4, [True, True, True, False]) == pytest.approx(0, abs=1e-6)
    assert error([1.0] * 5, [True] * 5) == 0


def test_a_model_that_is_sure_and_wrong_has_all_of_it() -> None:
    assert error([1.0] * 5, [False] * 5) == 1


def test_bins_are_weighted_by_their_answers() -> None:
    # Three answers at 0.9 of which one is right, and one at 0.6 that is right.
    expected = 3 / 4 * abs(1 / 3 - 0.9) + 1 / 4 * abs(1 - 0.6)
    assert error([0.9, 0.9, 0.9, 0.6], [True, False, False, True]) == pytest.approx(expected, abs=1e-5)


def test_there_are_15_bins_and_every_answer_lies_in_one() -> None:
    scores = list(np.linspace(0.5, 1, 61))
    bins = calibration_bins(answers(scores), np.zeros(61, np.int64))
    assert len(bins) == BINS == 15
    assert (bins[0].lower, bins[-1].upper) == (0, 1)
    assert sum(one.count for one in bins) == 61
    for one in bins:
        assert (one.confidence is None) == (one.accuracy is None) == (one.count == 0)
        assert one.confidence is None or one.lower <= one.confidence <= one.upper


def test_a_score_a_hair_above_one_is_no_trouble() -> None:
    bins = calibration_bins(np.array([[1.0000002, 0.0]], np.float32), np.array([0], np.int64))
    assert bins[-1].count == 1
