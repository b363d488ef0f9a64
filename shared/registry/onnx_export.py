"""What became of a version's ONNX export: checked against Keras, or why there is none."""

from __future__ import annotations

from pydantic import Field

from shared.registry.record import Record, Share


class OnnxExport(Record):
    """Whether the version has `model.onnx`, which a worker may then run without TensorFlow.

    Attributes:
        checked: whether it is there, and answers as Keras does.
        pictures: how many test pictures both were asked about.
        max_difference: the largest difference of a probability among them.
        reason: why there is none, in a sentence.
    """

    checked: bool
    pictures: int | None = Field(default=None, ge=1)
    max_difference: Share | None = None
    reason: str | None = None
