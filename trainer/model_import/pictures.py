"""The test side of a dataset, for a model whose classes may stand in another order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.errors import ModelRefused
from trainer.datasets.version import DatasetVersion
from trainer.evaluation.pictures import LabelledPictures, announced, decoded
from trainer.model_import.spec import ModelImportSpec

NONE = np.array([], np.int64)


@dataclass(frozen=True)
class TestSide:
    """Places of the test pictures; which pictures the model learned from is not known."""

    test: NDArray[np.int64]

    @property
    def train(self) -> NDArray[np.int64]:
        """None."""
        return NONE

    @property
    def validation(self) -> NDArray[np.int64]:
        """None."""
        return NONE


def labelled(
    version: DatasetVersion, spec: ModelImportSpec, announce: Callable[[], None] = lambda: None
) -> LabelledPictures:
    """Returns the test pictures, their classes as places in the request's labels.

    Args:
        announce: called before each picture is decoded.

    Raises:
        ModelRefused: the dataset has other classes.
    """
    if sorted(version.classes) != sorted(spec.labels):
        raise ModelRefused(
            f"Expected labels as the classes of {version.name}@{version.version}: {_listed(version.classes)}; received"
            f" {_listed(spec.labels)}."
        )
    places = np.array([spec.labels.index(name) for name in version.classes], np.int64)
    picture = announced(version.picture, announce)
    inputs_at = decoded(picture, spec.input)
    return LabelledPictures(spec.labels, places[version.labels], TestSide(version.test), inputs_at, picture)


def _listed(names: list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
