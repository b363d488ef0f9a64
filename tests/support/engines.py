"""Engines that need no TensorFlow: for tests of what is around them."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.registry import Manifest, Registry
from tests.support.manifests import toy_manifest
from worker.engine.base import EngineKind


class BrightnessEngine:
    """Says `cat` for dark and `dog` for bright pictures: a model of one number, the mean of the input."""

    def predict(self, batch: NDArray[Any]) -> NDArray[Any]:
        bright = batch.reshape(len(batch), -1).mean(axis=1)
        return np.stack([1 - bright, bright], axis=1).astype(np.float32)


def brightness(_manifest: Manifest) -> EngineKind:
    """Chooses the toy engine for every version."""
    return EngineKind("toy", "model.keras", lambda folder, manifest: BrightnessEngine())


def publish_toy(registry: Registry, version: int = 1, *, name: str = "pets", honest: bool = True) -> None:
    """Publishes a version that `BrightnessEngine` answers for; a dishonest one has another self-test."""
    inputs = np.stack([np.full((8, 8, 3), value, np.uint8) for value in (0, 255)])
    expected = np.array([[1, 0], [0, 1]] if honest else [[0, 1], [1, 0]], np.float32)
    selftest = io.BytesIO()
    np.savez(selftest, inputs=inputs, probabilities=expected)
    registry.publish(toy_manifest(name, version), {"selftest.npz": selftest.getvalue(), "model.keras": b"toy"})
