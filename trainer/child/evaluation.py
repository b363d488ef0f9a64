"""Evaluation: the trained model asked about every picture, each side by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.preprocess_spec import PreprocessSpec
from shared.registry import ClassMetrics, Metrics
from trainer.child.predict import predict
from trainer.child.scores import confusion_matrix, per_class, side_score
from trainer.child.verdict import Verdict, fit_verdict
from trainer.datasets.pictures import Pictures


@dataclass(frozen=True)
class Evaluation:
    """How good a model is.

    Attributes:
        confusion: counts of the test side by true class (row) and answer (column).
        test_answers: probabilities of the test side, float32 (n, labels).
    """

    metrics: Metrics
    fit: Verdict
    per_class: list[ClassMetrics]
    confusion: list[list[int]]
    test_answers: NDArray[np.float32]


def evaluate(model: Any, pictures: Pictures, to: PreprocessSpec, advanced: Callable[[], None]) -> Evaluation:
    """Asks the model about all pictures, as they are, without augmentation.

    Args:
        to: how the model's input is made.
        advanced: called after each batch; may raise to stop.
    """
    split, targets = pictures.split, pictures.targets
    sides = {"train": split.train, "validation": split.validation, "test": split.test}
    answers = {name: predict(model, pictures.inputs[side], to, advanced) for name, side in sides.items()}
    scores = {name: side_score(answers[name], targets[side]) for name, side in sides.items()}
    confusion = confusion_matrix(answers["test"], targets[split.test])
    most_frequent = float(np.bincount(targets[split.train]).max() / len(split.train))
    return Evaluation(
        metrics=Metrics(**scores),
        fit=fit_verdict(scores["train"], scores["validation"], most_frequent),
        per_class=per_class(confusion, pictures.labels),
        confusion=confusion.tolist(),
        test_answers=answers["test"],
    )
