"""What a model must do to answer, whatever runs it, and what is known of an engine before it is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from shared.registry import Manifest

# Keras pads batches up to one of these sizes: each is compiled once, at load, and never while somebody waits. The last
# is the most that any engine is given at once.
BATCH_SIZES = (1, 8, 32)
# What an engine keeps between layers is about so many channels of the input's size, in 32 bits, and its own needs are
# about so many bytes: with both, the models of four recipes took 0.5 to 1.6 times what is estimated.
CHANNELS, BESIDE = 64, 8 * 2**20


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


@dataclass(frozen=True)
class EngineKind:
    """An engine before it is made.

    Attributes:
        name: as in LOUPE_ENGINE.
        file: of the version, that it loads.
        load: makes it.
        copies: how many times its file's size it takes in memory.
        at_once: how many pictures it computes at once.
    """

    name: str
    file: str
    load: LoadEngine
    copies: int = 1
    at_once: int = BATCH_SIZES[-1]

    def memory(self, manifest: Manifest) -> int:
        """Returns about how many bytes of memory a version takes, once loaded and asked about its largest batch."""
        layers = self.at_once * manifest.input.height * manifest.input.width * CHANNELS * 4
        return BESIDE + self.copies * manifest.files[self.file].bytes + layers
