"""The files of a version besides its manifest: the model, its self-test, its history and sample pictures."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from shared.imaging import thumbnail
from shared.registry import Sample
from trainer.datasets.pictures import Pictures

# Enough to notice wrong weights, few enough to run in milliseconds at each load.
SELF_TEST_PICTURES = 16
SAMPLES_PER_CLASS = 2
SAMPLE_SIDE = 128


def model_file(model: Any) -> bytes:
    """Returns `model.keras`, without the state of the optimizer, which only a training needs."""
    bare = keras.Model(model.input, model.output, name=model.name)
    with tempfile.TemporaryDirectory(prefix="loupe-") as folder:
        path = Path(folder, "model.keras")
        bare.save(path)
        return path.read_bytes()


def self_test_file(inputs: NDArray[np.uint8], answers: NDArray[np.float32]) -> bytes:
    """Returns `selftest.npz`: `inputs`, uint8 before scaling, and the `probabilities`, float32, a model must answer."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, inputs=inputs[:SELF_TEST_PICTURES], probabilities=answers[:SELF_TEST_PICTURES])
    return buffer.getvalue()


def history_file(history: list[dict[str, float]]) -> bytes:
    """Returns `history.json`: one entry an epoch."""
    return json.dumps(history, indent=1).encode()


def sample_files(pictures: Pictures, answers: NDArray[np.float32]) -> tuple[list[Sample], dict[str, bytes]]:
    """Returns test pictures to try the model with: of each class the two it is surest of, and right about.

    Args:
        answers: probabilities of the test side.

    Returns:
        The samples, class by class, and their WebP files.
    """
    targets = pictures.targets[pictures.split.test]
    samples: list[Sample] = []
    files: dict[str, bytes] = {}
    for target, label in enumerate(pictures.labels):
        sure = np.where((targets == target) & (answers.argmax(axis=1) == target), answers[:, target], 0.0)
        for place in np.argsort(-sure, kind="stable")[:SAMPLES_PER_CLASS]:
            if sure[place]:
                sample = Sample(file=f"sample-{len(samples)}.webp", label=label)
                picture, _ = pictures.source.read(int(pictures.split.test[place]))
                samples.append(sample)
                files[sample.file] = thumbnail(picture, SAMPLE_SIDE)
    return samples, files
