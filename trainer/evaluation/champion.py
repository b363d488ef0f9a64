"""The champion asked about the challenger's test pictures: scored again each time, never from memory."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np

from shared.errors import LoupeError
from shared.registry import Manifest, Registry
from trainer.evaluation.load import load_version
from trainer.evaluation.pictures import LabelledPictures
from trainer.evaluation.predict import predictor
from trainer.gate import Champion

log = logging.getLogger(__name__)


def ask_champion(
    registry: Registry, name: str, pictures: LabelledPictures, advanced: Callable[[], None] = lambda: None
) -> Champion | None:
    """Asks the served version of a model, brought to its own input, about the test side.

    Args:
        name: the model's name.
        pictures: the challenger's.
        advanced: called after each batch; may raise to stop.

    Returns:
        Its answers, or None if no version is served.
    """
    served = registry.served_version(name)
    if served is None:
        return None
    try:
        manifest = registry.manifest(name, served)
    except LoupeError as error:
        return Champion(served, (), None, error.message)
    if set(manifest.labels) != set(pictures.labels):
        return Champion(served, manifest.labels, None)
    return _ask(registry, manifest, pictures, advanced)


def _ask(registry: Registry, manifest: Manifest, pictures: LabelledPictures, advanced: Callable[[], None]) -> Champion:
    version, labels = manifest.version, manifest.labels
    try:
        model = load_version(registry, manifest)
    except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes; a bad champion must not end a training.
        log.warning("%s version %d cannot be loaded to be compared with: %s", manifest.name, version, error)
        return Champion(version, labels, None, f"it cannot be loaded ({error})")
    predict = predictor(model, manifest.input, advanced)
    said = predict(pictures.inputs_as(manifest.input), pictures.sides.test).argmax(axis=1)
    # The same names may stand in another order.
    places = np.array([list(pictures.labels).index(label) for label in labels], np.int64)
    return Champion(version, labels, places[said])
