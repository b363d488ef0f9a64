"""One loaded version of a model: its engine, checked by its self-test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.imaging import scale, to_input
from shared.items import Prediction
from shared.registry import Manifest, Registry
from worker.engine.base import Engine, EngineKind

# The largest difference of a probability between the trainer and this machine: other processors round otherwise.
TOLERANCE = 1e-3
SELF_TEST = "selftest.npz"


class SelfTestFailed(Exception):
    """Raised when a loaded model does not answer as it did when it was trained."""


@dataclass(frozen=True)
class LoadedModel:
    """A version that can answer.

    Attributes:
        runs_on: the engine's name.
        bytes: of memory that it takes, about.
    """

    manifest: Manifest
    engine: Engine
    runs_on: str
    bytes: int

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def version(self) -> int:
        """The version's number."""
        return self.manifest.version

    @property
    def side(self) -> int:
        """The least short side, in pixels, that a decoded picture needs so that nothing is enlarged."""
        return max(self.manifest.input.width, self.manifest.input.height)

    def prepare(self, image: NDArray[Any]) -> NDArray[Any]:
        """Brings a picture, uint8 RGB (h, w, 3), to the model's input, uint8 (height, width, channels)."""
        return to_input(image, self.manifest.input)

    def predict(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """Returns probabilities, float32 (n, labels), for prepared inputs, uint8 (n, height, width, channels)."""
        return self.engine.predict(scale(inputs, self.manifest.input))

    def best(self, probabilities: NDArray[Any], top_k: int) -> list[Prediction]:
        """Returns the `top_k` likeliest labels, likeliest first."""
        order = np.argsort(-probabilities, kind="stable")[:top_k]
        return [Prediction(self.manifest.labels[index], float(probabilities[index])) for index in order]


def load(registry: Registry, name: str, version: int, choose: Callable[[Manifest], EngineKind]) -> LoadedModel:
    """Loads a version: its files are checked against their hashes, then the engine against the self-test.

    Only what answering needs is read; the plots and archives of a version stay in storage.

    Raises:
        EngineMissing: no engine of this worker can run it.
        SelfTestFailed: the model answers otherwise than when it was trained.
        LoupeError: there is no such version, or its files are damaged.
    """
    kind = choose(registry.manifest(name, version))
    manifest = registry.verify(name, version, (kind.file, SELF_TEST))
    folder = registry.local_folder(name, version, (kind.file, SELF_TEST))
    loaded = LoadedModel(manifest, kind.load(folder, manifest), kind.name, kind.memory(manifest))
    with np.load(folder / SELF_TEST, allow_pickle=False) as stored:
        difference = float(np.abs(loaded.predict(stored["inputs"]) - stored["probabilities"]).max())
    if not difference <= TOLERANCE:
        raise SelfTestFailed(f"a probability differs by {difference:.2g}, more than {TOLERANCE:g}")
    return loaded
