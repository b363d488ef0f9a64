"""What a model must do to answer, whatever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from shared.registry import Manifest

# Batches are padded up to one of these sizes: each size is compiled once, at load, and never while somebody waits.
BATCH_SIZES = (1, 8, 32)


class Engine(Protocol):
    """Runs one version of a model. Called from one thread at a time."""

    def predict(self, batch: NDArray[Any]) -> NDArray[Any]:
        """Returns probabilities, float32 (n, labels), for scaled inputs, float32 (n, height, width, channels)."""
        ...


class LoadEngine(Protocol):
    """Makes an engine from a version's files."""

    def __call__(self, folder: Path, manifest: Manifest) -> Engine:
        """Loads and compiles the model; after this the first answer is as fast as any."""
        ...
