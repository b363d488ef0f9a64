"""Whether a loaded model can be served: pictures in, one probability a class out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import ModelRefused
from shared.imaging import scale
from shared.preprocess_spec import PreprocessSpec

# How far a sum of probabilities may be from 1: outputs of 16 bits are this rough.
ROUGH = 0.01


def check_shapes(model: Any, labels: Sequence[str], to: PreprocessSpec) -> None:
    """Checks a model's input and output against what the request says of them.

    Raises:
        ModelRefused: they do not fit.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelRefused(
            f"Expected a model with one input and one output, received {len(model.inputs)} and {len(model.outputs)}."
        )
    wanted, shape = (None, to.height, to.width, to.channels), tuple(model.inputs[0].shape)
    if len(shape) != 4 or any(a is not None and b is not None and a != b for a, b in zip(shape, wanted, strict=True)):
        raise ModelRefused(
            f"Expected an input of {_shown(wanted)} (pictures, height, width, channels), as `input` says; the model"
            f" takes {_shown(shape)}."
        )
    answers = tuple(model.outputs[0].shape)
    if len(answers) != 2 or not _fits(answers[1], len(labels)):
        outputs = f"{len(labels)} outputs, one for each of `labels`" + (", or one" if len(labels) == 2 else "")
        raise ModelRefused(f"Expected a model with {outputs}; this one answers with {_shown(answers)}.")


def check_answers(model: Any, inputs: NDArray[np.uint8], to: PreprocessSpec) -> None:
    """Asks a model about a few pictures and checks that it answers with probabilities.

    Args:
        inputs: uint8 (n, height, width, channels), not yet scaled.

    Raises:
        ModelRefused: it raises, or its answers are something else.
    """
    try:
        answers = np.asarray(model.predict_on_batch(scale(inputs, to)), np.float64)
    except Exception as error:
        raise ModelRefused(f"The model cannot answer: {first_line(error)}") from error
    if not np.isfinite(answers).all():
        raise ModelRefused("Expected probabilities; the model answers with what is no number.")
    if answers.min() < -ROUGH or answers.max() > 1 + ROUGH:
        raise ModelRefused(
            f"Expected probabilities from 0 to 1; the model answers from {answers.min():.3g} to {answers.max():.3g}."
            " Give its last layer a softmax, or for one output a sigmoid, and save it again."
        )
    sums = answers.sum(axis=1)
    if answers.shape[1] > 1 and np.abs(sums - 1).max() > ROUGH:
        raise ModelRefused(
            f"Expected probabilities that sum to 1; the model's sum to {sums.min():.3g} to {sums.max():.3g}."
            " Give its last layer a softmax and save it again."
        )


def first_line(error: Exception) -> str:
    """Returns what an error says first, in a line that is not too long."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:300]


def _fits(outputs: int | None, labels: int) -> bool:
    return outputs == labels or (outputs == 1 and labels == 2)


def _shown(shape: tuple[int | None, ...]) -> str:
    return " × ".join("any" if size is None else str(size) for size in shape) or "a single number"
