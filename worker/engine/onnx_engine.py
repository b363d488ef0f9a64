"""The ONNX engine: ONNX Runtime, which starts in a fraction of a second and needs no TensorFlow.

One thread computes. Two made a batch no faster on two busy cores and cost more of both: the other one decodes the
pictures that come next. Nor does padding help, as it does Keras: a size that was not seen before costs nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from shared.probabilities import probabilities
from shared.registry import Manifest

# More at once costs as much a picture, and memory for the layers of each: 8 take 40 MB less than 32, at 64 × 64 pixels.
AT_ONCE = 8


class OnnxEngine:
    """A model loaded from `model.onnx`.

    Args:
        folder: holds `model.onnx`, checked against the manifest by the caller.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # What it warns of, a user can do nothing about.
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        # The first call allocates what all later ones use.
        shape = (AT_ONCE, manifest.input.height, manifest.input.width, manifest.input.channels)
        self.predict(np.zeros(shape, np.float32))

    def predict(self, batch: NDArray[Any]) -> NDArray[Any]:
        """Returns probabilities, float32 (n, labels)."""
        parts = [batch[start : start + AT_ONCE] for start in range(0, len(batch), AT_ONCE)]
        return np.concatenate([probabilities(self._session.run(None, {self._input: part})[0]) for part in parts])
