"""Evaluation: the trained model asked about every picture, each side by itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.registry import CalibrationBin, ClassMetrics, Metrics, Mistake
from trainer.evaluation.calibration import calibration_bins, calibration_error
from trainer.evaluation.fit import RULE, Fit, fit_verdict
from trainer.evaluation.mistakes import worst_mistakes
from trainer.evaluation.pictures import LabelledPictures
from trainer.evaluation.predict import Predict
from trainer.evaluation.scores import confusion_matrix, per_class, side_score


@dataclass(frozen=True)
class Evaluation:
    """How good a model is; what is not said otherwise is of the test side.

    Attributes:
        fit: None where the model was trained elsewhere.
        confusion: counts by true class (row) and answer (column).
        answers: probabilities, float32 (n, labels).
        targets: true classes, int64 (n,).
        places: each picture's place in the dataset version, int64 (n,).
    """

    metrics: Metrics
    fit: Fit | None
    per_class: list[ClassMetrics]
    confusion: list[list[int]]
    calibration: list[CalibrationBin]
    mistakes: list[Mistake]
    answers: NDArray[np.float32] = field(repr=False)
    targets: NDArray[np.int64] = field(repr=False)
    places: NDArray[np.int64] = field(repr=False)

    def fields(self) -> dict[str, Any]:
        """Returns what the manifest says of it, by the manifest's names."""
        return {
            "metrics": self.metrics,
            "fit": self.fit,
            "fit_rule": RULE if self.fit else None,
            "per_class": self.per_class,
            "confusion": self.confusion,
            "calibration_error": calibration_error(self.calibration),
            "calibration": self.calibration,
            "worst_mistakes": self.mistakes,
        }


def evaluate(predict: Predict, pictures: LabelledPictures) -> Evaluation:
    """Asks a model about all pictures of its dataset, as they are, without augmentation."""
    sides, targets = pictures.sides, pictures.targets
    train = side_score(predict(pictures.inputs_at, sides.train), targets[sides.train])
    validation = side_score(predict(pictures.inputs_at, sides.validation), targets[sides.validation])
    most_frequent = float(np.bincount(targets[sides.train]).max() / len(sides.train))
    found = evaluate_test(predict, pictures)
    return replace(
        found,
        metrics=Metrics(train=train, validation=validation, test=found.metrics.test),
        fit=fit_verdict(train, validation, found.metrics.test, most_frequent),
    )


def evaluate_test(predict: Predict, pictures: LabelledPictures) -> Evaluation:
    """Asks a model about the test side alone, for a model of which is not known what it learned from."""
    places = pictures.sides.test
    answers, targets = predict(pictures.inputs_at, places), pictures.targets[places]
    confusion = confusion_matrix(answers, targets)
    return Evaluation(
        metrics=Metrics(test=side_score(answers, targets)),
        fit=None,
        per_class=per_class(confusion, pictures.labels),
        confusion=confusion.tolist(),
        calibration=calibration_bins(answers, targets),
        mistakes=worst_mistakes(answers, targets, places, pictures.labels),
        answers=answers,
        targets=targets,
        places=places,
    )
