"""Whether a model can be served: its shapes, and what it answers. No Keras needed to tell."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.errors import ModelRefused
from shared.preprocess_spec import PreprocessSpec
from trainer.model_import.check import check_answers, check_shapes

TO = PreprocessSpec(width=24, height=16, color="rgb")
Shape = tuple[int | None, ...]


def shaped(inputs: Shape = (None, 16, 24, 3), outputs: Shape = (None, 2), count: int = 1) -> Any:
    """Returns what looks like a Keras model of these shapes."""
    tensors = [SimpleNamespace(shape=inputs)]
    return SimpleNamespace(inputs=tensors, outputs=[SimpleNamespace(shape=outputs)] * count)


def answering(answer: Callable[[NDArray[np.float32]], Any]) -> Any:
    """Returns what looks like a Keras model that answers so."""
    return SimpleNamespace(predict_on_batch=answer)


@pytest.mark.parametrize(
    "model",
    [shaped(), shaped((None, None, None, 3)), shaped((8, 16, 24, 3)), shaped(outputs=(None, 1))],
)
def test_shapes_that_fit_are_taken(model: Any) -> None:
    check_shapes(model, ["cat", "dog"], TO)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (shaped((None, 24, 16, 3)), "input of any × 16 × 24 × 3 .* takes any × 24 × 16 × 3"),
        (shaped((None, 16, 24, 1)), "takes any × 16 × 24 × 1"),
        (shaped((None, 784)), "takes any × 784"),
        (shaped(outputs=(None, 3)), "2 outputs, one for each of `labels`, or one; this one answers with any × 3"),
        (shaped(outputs=(None, 4, 2)), "answers with any × 4 × 2"),
        (shaped(outputs=(None, None)), "answers with any × any"),
        (shaped(count=2), "one input and one output, received 1 and 2"),
    ],
)
def test_shapes_that_do_not_fit_are_named(model: Any, words: str) -> None:
    with pytest.raises(ModelRefused, match=words):
        check_shapes(model, ["cat", "dog"], TO)


def test_one_output_is_for_two_classes_only() -> None:
    with pytest.raises(ModelRefused, match="3 outputs, one for each of `labels`; this one"):
        check_shapes(shaped(outputs=(None, 1)), ["cat", "dog", "fox"], TO)


@pytest.mark.parametrize("row", [[0.25, 0.75], [1, 0], [0.7]])
def test_probabilities_are_taken(row: list[float]) -> None:
    check_answers(answering(lambda batch: np.array([row] * len(batch))), np.zeros((4, 16, 24, 3), np.uint8), TO)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([2.0, -3.0], "answers from -3 to 2. Give its last layer a softmax"),
        ([0.9, 0.9], "sum to 1; the model's sum to 1.8"),
        ([float("nan"), 0.5], "what is no number"),
        ([float("inf"), 0.5], "what is no number"),
    ],
)
def test_other_answers_are_refused_with_what_to_do(row: list[float], words: str) -> None:
    with pytest.raises(ModelRefused, match=words):
        check_answers(answering(lambda batch: np.array([row] * len(batch))), np.zeros((4, 16, 24, 3), np.uint8), TO)


def test_a_model_that_raises_is_refused_with_its_words() -> None:
    def fail(_batch: NDArray[np.float32]) -> None:
        raise RuntimeError("matrix size-incompatible\nmore lines")

    with pytest.raises(ModelRefused, match=r"cannot answer: matrix size-incompatible$"):
        check_answers(answering(fail), np.zeros((1, 16, 24, 3), np.uint8), TO)
