"""The files of a version that a worker or a person needs besides its pictures: the model, its self-test, its labels."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.storage import disk_error

# Enough to notice wrong weights, few enough to run in milliseconds at each load.
SELF_TEST_PICTURES = 16


def model_file(model: Any) -> bytes:
    """Returns `model.keras`, without the state of the optimizer, which only a training needs.

    Args:
        model: a Keras model with one input and one output.

    Raises:
        StorageFull: this machine's temporary folder is full.
    """
    import keras

    bare = keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    try:
        with tempfile.TemporaryDirectory(prefix="loupe-") as folder:
            path = Path(folder, "model.keras")
            bare.save(path)
            return path.read_bytes()
    except OSError as error:
        raise disk_error("writing model.keras to a temporary folder", error) from error


def self_test_file(inputs: NDArray[np.uint8], answers: NDArray[np.float32]) -> bytes:
    """Returns `selftest.npz`: `inputs`, uint8 before scaling, and the `probabilities`, float32, a model must answer."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, inputs=inputs, probabilities=answers)
    return buffer.getvalue()


def history_file(history: Sequence[Mapping[str, Any]]) -> bytes:
    """Returns `history.json`: one entry an epoch."""
    return json.dumps(list(history), indent=1).encode()


def labels_file(labels: Sequence[str]) -> bytes:
    """Returns `labels.json`: class names in the order of the model's outputs."""
    return json.dumps(list(labels), indent=1, ensure_ascii=False).encode()
