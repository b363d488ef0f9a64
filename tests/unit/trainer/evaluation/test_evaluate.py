"""A model asked about all sides: what comes of it, and what the manifest says."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.preprocess_spec import PreprocessSpec
from shared.probabilities import probabilities
from shared.registry import SplitMetrics
from tests.support.evaluations import LABELS, ToyModel, toy_pictures
from trainer.evaluation.answers import answers_file
from trainer.evaluation.evaluate import Evaluation, evaluate, evaluate_test
from trainer.evaluation.fit import RULE, fit_verdict
from trainer.evaluation.mistakes import MOST, worst_mistakes
from trainer.evaluation.predict import predictor

TO = PreprocessSpec(width=8, height=8, color="rgb")


def evaluated(model: ToyModel) -> Evaluation:
    return evaluate_test(predictor(model, TO), toy_pictures())


def test_a_model_that_knows_all_is_right_everywhere() -> None:
    found = evaluate(predictor(ToyModel(), TO), toy_pictures())

    assert found.metrics.train is not None
    assert found.metrics.validation is not None
    assert [side.count for side in (found.metrics.train, found.metrics.validation, found.metrics.test)] == [30, 15, 15]
    assert found.metrics.test.accuracy == 1
    assert found.fit == "good"
    assert found.mistakes == []
    fields = found.fields()
    assert fields["fit_rule"] == RULE
    assert fields["calibration_error"] == pytest.approx(0.1, abs=1e-5)


def test_the_test_side_alone_says_nothing_of_fit() -> None:
    found = evaluated(ToyModel())
    assert (found.metrics.train, found.metrics.validation, found.fit) == (None, None, None)
    assert found.fields()["fit_rule"] is None


def test_mistakes_name_the_picture_by_its_place_in_the_dataset() -> None:
    found = evaluated(ToyModel(wrong=2))
    test = toy_pictures().sides.test

    assert [mistake.index for mistake in found.mistakes] == test[:2].tolist()
    first = found.mistakes[0]
    true = int(toy_pictures().targets[test[0]])
    assert (first.true, first.said) == (LABELS[true], LABELS[(true + 1) % 3])
    assert first.score == pytest.approx(0.9)
    assert found.metrics.test.accuracy == pytest.approx(13 / 15, abs=1e-6)


def test_the_surest_mistakes_come_first_and_no_more_than_24() -> None:
    rng = np.random.default_rng(0)
    scores = rng.uniform(0.5, 1, 40)
    answers = np.stack([scores, 1 - scores], axis=1).astype(np.float32)
    found = worst_mistakes(answers, np.ones(40, np.int64), np.arange(100, 140), ("a", "b"))

    assert len(found) == MOST
    assert found[0].score == pytest.approx(scores.max(), abs=1e-5)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(100 <= one.index < 140 for one in found)


def test_every_answer_on_the_test_side_is_kept() -> None:
    found = evaluated(ToyModel(wrong=1))
    text = answers_file(found.answers, found.targets, found.places).decode()

    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["index"]) for row in rows] == toy_pictures().sides.test.tolist()
    assert sum(row["true"] != row["said"] for row in rows) == 1
    assert {row["score"] for row in rows} == {"0.900000"}


def test_another_models_input_is_made_from_the_same_pictures() -> None:
    pictures = toy_pictures()
    grey = pictures.inputs_as(PreprocessSpec(width=4, height=6, color="grey"))(pictures.sides.test)
    assert grey.shape == (15, 6, 4, 1)
    assert np.unique(grey).tolist() == [0, 40, 80]


def test_a_batch_that_is_not_full_is_padded_and_cut_again() -> None:
    pictures, sizes = toy_pictures(150), []

    class Spy(ToyModel):
        def predict_on_batch(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
            sizes.append(len(batch))
            return super().predict_on_batch(batch)

    steps: list[int] = []
    answers = predictor(Spy(), TO, lambda: steps.append(1))(pictures.inputs_at, pictures.sides.train)
    assert answers.shape == (75, 3)
    assert sizes == [64, 64]
    assert len(steps) == 2


def test_one_sigmoid_output_is_two_probabilities() -> None:
    assert probabilities(np.array([[0.25], [1.0]])).tolist() == [[0.75, 0.25], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("train", "validation", "test", "most_frequent", "verdict"),
    [
        (0.99, 0.97, 0.97, 0.5, "good"),
        (0.99, 0.93, 0.97, 0.5, "overfit"),
        # What was tuned by its validation pictures does well on those.
        (0.77, 0.75, 0.62, 0.5, "overfit"),
        (0.74, 0.74, 0.74, 0.5, "underfit"),
        (0.76, 0.76, 0.76, 0.5, "good"),
        # 0.9 is little where nine in ten are of one class.
        (0.9, 0.9, 0.9, 0.9, "underfit"),
        (0.74, 0.5, 0.5, 0.5, "underfit"),
    ],
)
def test_the_fit_verdict_follows_its_rule(
    train: float, validation: float, test: float, most_frequent: float, verdict: str
) -> None:
    sides = [SplitMetrics(accuracy=accuracy, loss=0.1, count=100) for accuracy in (train, validation, test)]
    assert fit_verdict(sides[0], sides[1], sides[2], most_frequent) == verdict
