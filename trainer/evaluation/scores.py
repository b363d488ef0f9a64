"""How good answers are: accuracy and loss, per class, and which class is taken for which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.registry import ClassMetrics, SplitMetrics

# Keeps the loss of an answer that gave the true class nothing at a finite 16, as Keras does.
LEAST_PROBABILITY = 1e-7


def side_score(answers: NDArray[np.float32], targets: NDArray[np.int64]) -> SplitMetrics:
    """Returns accuracy and mean cross-entropy.

    Args:
        answers: probabilities (n, labels).
        targets: true classes (n,).
    """
    of_truth = answers[np.arange(len(targets)), targets].astype(np.float64)
    return SplitMetrics(
        accuracy=round(float((answers.argmax(axis=1) == targets).mean()), 6),
        loss=round(float(-np.log(np.maximum(of_truth, LEAST_PROBABILITY)).mean()), 6),
        count=len(targets),
    )


def confusion_matrix(answers: NDArray[np.float32], targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns counts (labels, labels) by true class (row) and answered class (column)."""
    labels = answers.shape[1]
    counts = np.zeros((labels, labels), np.int64)
    np.add.at(counts, (targets, answers.argmax(axis=1)), 1)
    return counts


def per_class(confusion: NDArray[np.int64], labels: Sequence[str]) -> list[ClassMetrics]:
    """Returns precision, recall and F1 of each class; 0 where a class was never answered, or never there."""
    right = np.diag(confusion)
    metrics = []
    for index, label in enumerate(labels):
        precision = _share(right[index], confusion[:, index].sum())
        recall = _share(right[index], confusion[index].sum())
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        support = int(confusion[index].sum())
        metrics.append(ClassMetrics(label=label, precision=precision, recall=recall, f1=round(f1, 6), support=support))
    return metrics


def _share(part: np.int64, whole: np.int64) -> float:
    return round(float(part / whole), 6) if whole else 0.0
