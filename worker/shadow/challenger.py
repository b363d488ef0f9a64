"""The versions in shadow, as a worker knows them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from shared.errors import ModelNotFound, VersionCorrupt, VersionNotFound
from shared.imaging import to_input
from shared.preprocess_spec import PreprocessSpec
from shared.registry import Registry, Served
from shared.shadow import Pair

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Challenger:
    """A version in shadow.

    Attributes:
        fraction: the share of live pictures that it gets a copy of.
        input: how a picture becomes its input.
    """

    pair: Pair
    fraction: float
    input: PreprocessSpec

    @property
    def side(self) -> int:
        """The least short side, in pixels, that a decoded picture needs so that nothing is enlarged."""
        return max(self.input.width, self.input.height)

    @property
    def input_bytes(self) -> int:
        """The size of one input."""
        return self.input.width * self.input.height * self.input.channels

    def prepare(self, image: NDArray[Any]) -> NDArray[Any]:
        """Brings a picture, uint8 RGB (h, w, 3), to its input, uint8 (height, width, channels)."""
        return to_input(image, self.input)


def challengers_of(registry: Registry, pointers: Mapping[str, Served]) -> dict[str, Challenger]:
    """Returns what is in shadow of the served versions, by model."""
    found: dict[str, Challenger] = {}
    for name, served in pointers.items():
        shadow = registry.shadow(name)
        if shadow is None or shadow.version == served.version:
            continue
        try:
            spec = registry.manifest(name, shadow.version).input
        except (ModelNotFound, VersionNotFound, VersionCorrupt) as error:
            log.warning("version %d of %s is in shadow and cannot answer: %s", shadow.version, name, error)
            continue
        found[name] = Challenger(Pair(name, served.version, shadow.version), shadow.fraction, spec)
    return found
