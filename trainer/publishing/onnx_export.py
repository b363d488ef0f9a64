"""The ONNX export of a version and its check: published only if it answers as Keras does.

A failed export never fails a training: the version is published without it, and says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.imaging import scale
from shared.preprocess_spec import PreprocessSpec
from shared.probabilities import probabilities
from shared.registry import OnnxExport
from trainer.evaluation.evaluate import Evaluation
from trainer.evaluation.pictures import LabelledPictures
from trainer.evaluation.predict import BATCH
from trainer.publishing.onnx_file import ExportFailed, onnx_file

log = logging.getLogger(__name__)

# The largest difference of a probability, and how close the best two may be for the other one to be the answer.
TOLERANCE = 1e-4
# Of a larger test side so many are asked about, spread evenly over it: more would find nothing new.
MOST_PICTURES = 2000


@dataclass(frozen=True)
class Exported:
    """What the manifest says of the export, and the version's files that come of it: `model.onnx`, or none."""

    record: OnnxExport
    files: dict[str, bytes]


def export(
    model: Any,
    to: PreprocessSpec,
    pictures: LabelledPictures,
    evaluation: Evaluation,
    advanced: Callable[[], None],
) -> Exported:
    """Exports a Keras model and asks the export about test pictures that Keras has answered.

    Args:
        to: how the model's input is made.
        evaluation: has Keras's answers.
        advanced: called after each batch; may raise to stop.
    """
    try:
        data = onnx_file(model, to)
        session = _session(data)
        record = _compared(session, to, pictures, evaluation, advanced)
    except ExportFailed as error:
        log.warning("this version gets no model.onnx: %s", error)
        return Exported(OnnxExport(checked=False, reason=str(error)), {})
    return Exported(record, {"model.onnx": data})


def _session(data: bytes) -> Any:
    import onnxruntime

    try:
        return onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ExportFailed(f"ONNX Runtime cannot load it: {error}") from error


def _compared(
    session: Any,
    to: PreprocessSpec,
    pictures: LabelledPictures,
    evaluation: Evaluation,
    advanced: Callable[[], None],
) -> OnnxExport:
    count = min(MOST_PICTURES, len(evaluation.places))
    chosen = np.linspace(0, len(evaluation.places) - 1, count).round().astype(np.int64)
    largest = 0.0
    for start in range(0, count, BATCH):
        part = chosen[start : start + BATCH]
        inputs = scale(np.asarray(pictures.inputs_at(evaluation.places[part])), to)
        largest = max(largest, _difference(_answers(session, inputs), evaluation.answers[part]))
        advanced()
    return OnnxExport(checked=True, pictures=count, max_difference=largest)


def _answers(session: Any, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    try:
        return probabilities(session.run(None, {session.get_inputs()[0].name: inputs})[0])
    except Exception as error:
        raise ExportFailed(f"ONNX Runtime cannot run it: {error}") from error


def _difference(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    """Returns the largest difference of a probability.

    Raises:
        ExportFailed: it is too large, or an answer is another one.
    """
    if found.shape != expected.shape:
        raise ExportFailed(f"It answers with {found.shape[1:]} where Keras answers with {expected.shape[1:]}.")
    largest = float(np.abs(found - expected).max())
    # Written so that what is no number is too large.
    if not largest <= TOLERANCE:
        raise ExportFailed(f"A probability differs from Keras's by {largest:.2g}, more than {TOLERANCE:g}.")
    best_two = np.sort(expected, axis=1)[:, -2:]
    others = (found.argmax(axis=1) != expected.argmax(axis=1)) & (best_two[:, 1] - best_two[:, 0] > TOLERANCE)
    if others.any():
        raise ExportFailed("It answers a test picture with another class than Keras does.")
    return largest
