"""The Keras engine: one compiled function at fixed batch sizes.

`model.predict` takes 44 ms for a 0.6 ms model, and a new batch size about a second of tracing; so inputs are padded to
sizes that were traced before the worker said it was ready.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.probabilities import probabilities
from shared.registry import Manifest
from worker.engine.base import BATCH_SIZES


class KerasEngine:
    """A model loaded from `model.keras`. Importing this class does not import TensorFlow; making one does.

    Args:
        folder: holds `model.keras`, checked against the manifest by the caller.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        import keras
        import tensorflow as tf

        model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
        shape = (manifest.input.height, manifest.input.width, manifest.input.channels)
        function = tf.function(lambda batch: model(batch, training=False))
        self._functions = {
            size: function.get_concrete_function(tf.TensorSpec((size, *shape), tf.float32)) for size in BATCH_SIZES
        }
        # Tracing makes the graph; the first call of each size still allocates and chooses kernels.
        for size in BATCH_SIZES:
            self.predict(np.zeros((size, *shape), np.float32))

    def predict(self, batch: NDArray[Any]) -> NDArray[Any]:
        """Returns probabilities, float32 (n, labels)."""
        largest = BATCH_SIZES[-1]
        parts = [self._part(batch[start : start + largest]) for start in range(0, len(batch), largest)]
        return probabilities(np.concatenate(parts))

    def _part(self, batch: NDArray[Any]) -> NDArray[Any]:
        size = next(size for size in BATCH_SIZES if size >= len(batch))
        padding = [(0, size - len(batch))] + [(0, 0)] * (batch.ndim - 1)
        padded = np.pad(batch, padding) if size > len(batch) else batch
        outputs: NDArray[Any] = self._functions[size](padded).numpy()
        return outputs[: len(batch)]
