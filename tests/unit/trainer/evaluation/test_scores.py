"""Accuracy, loss, precision, recall, F1 and the confusion matrix, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trainer.evaluation.scores import confusion_matrix, per_class, side_score

# Four cats, two dogs, no fox; the answers: cat, cat, cat, dog / dog, cat.
TRUE = np.array([0, 0, 0, 0, 1, 1], np.int64)
ANSWERS = np.array(
    [[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1]], np.float32
)


def test_accuracy_and_loss_of_a_side() -> None:
    score = side_score(ANSWERS, TRUE)
    losses = [-math.log(p) for p in (0.8, 0.6, 0.9, 0.2, 0.8, 0.4)]
    assert score.accuracy == pytest.approx(4 / 6, abs=1e-6)
    assert score.loss == pytest.approx(sum(losses) / 6, abs=1e-5)
    assert score.count == 6


def test_the_loss_stays_finite_where_the_truth_got_nothing() -> None:
    score = side_score(np.array([[0.0, 1.0]], np.float32), np.array([0], np.int64))
    assert score.loss == pytest.approx(16.1181, abs=1e-3)


def test_rows_are_true_classes_and_columns_answers() -> None:
    assert confusion_matrix(ANSWERS, TRUE).tolist() == [[3, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_precision_recall_f1_and_support() -> None:
    cat, dog, fox = per_class(confusion_matrix(ANSWERS, TRUE), ("cat", "dog", "fox"))
    assert (cat.precision, cat.recall, cat.f1, cat.support) == (0.75, 0.75, 0.75, 4)
    assert (dog.precision, dog.recall, dog.f1, dog.support) == (0.5, 0.5, 0.5, 2)
    assert (fox.precision, fox.recall, fox.f1, fox.support) == (0, 0, 0, 0)
