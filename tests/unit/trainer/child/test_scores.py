from __future__ import annotations

import math

import numpy as np
import pytest

from shared.registry import SplitMetrics
from trainer.child.scores import confusion_matrix, per_class, side_score
from trainer.child.verdict import fit_verdict

# True classes 0, 0, 1, 2; answered 0, 1, 1, 1.
ANSWERS = np.array([[0.7, 0.2, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.0, 1.0, 0.0]], np.float32)
TARGETS = np.array([0, 0, 1, 2])


def test_accuracy_and_loss_are_those_of_the_true_class() -> None:
    score = side_score(ANSWERS, TARGETS)
    assert (score.accuracy, score.count) == (0.5, 4)
    expected = -(math.log(0.7) + math.log(0.3) + math.log(0.8) + math.log(1e-7)) / 4
    assert score.loss == pytest.approx(expected, abs=1e-4)


def test_the_confusion_matrix_counts_by_truth_and_answer() -> None:
    assert confusion_matrix(ANSWERS, TARGETS).tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]


def test_each_class_has_precision_recall_and_f1_and_zero_where_there_is_none() -> None:
    first, second, third = per_class(confusion_matrix(ANSWERS, TARGETS), ("a", "b", "c"))
    assert (first.label, first.precision, first.recall, first.support) == ("a", 1.0, 0.5, 2)
    assert first.f1 == pytest.approx(2 / 3, abs=1e-6)
    assert second.precision == pytest.approx(1 / 3, abs=1e-6)
    assert second.recall == 1.0
    assert (third.precision, third.recall, third.f1, third.support) == (0.0, 0.0, 0.0, 1)


@pytest.mark.parametrize(
    ("train", "validation", "verdict"),
    [
        (0.99, 0.97, "good"),
        (0.99, 0.93, "overfit"),
        (0.60, 0.60, "underfit"),
        (0.62, 0.30, "underfit"),
        (0.63, 0.62, "good"),
        (0.80, 0.90, "good"),
    ],
)
def test_the_fit_verdict_follows_its_rule(train: float, validation: float, verdict: str) -> None:
    one, other = (SplitMetrics(accuracy=accuracy, loss=0, count=100) for accuracy in (train, validation))
    assert fit_verdict(one, other, most_frequent=0.25) == verdict
