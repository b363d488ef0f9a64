"""The models that answer, as pages name them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from flask import g

from api.model_choice import BUILT_IN
from api.services import services
from shared.errors import LoupeError
from shared.registry import Manifest

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServedModel:
    """A served version and what it has shown on pictures it had never seen."""

    manifest: Manifest

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def title(self) -> str:
        """Name and version, as in `pets v7`."""
        return f"{self.manifest.name} v{self.manifest.version}"

    @property
    def href(self) -> str:
        """Its page."""
        return f"/models/{self.manifest.name}/{self.manifest.version}"

    @property
    def created_at(self) -> float:
        """When it was trained, in seconds since 1970."""
        return self.manifest.created_at.timestamp()

    @property
    def accuracy(self) -> float:
        """The share of the test side it got right."""
        return self.manifest.metrics.test.accuracy

    @property
    def count(self) -> int:
        """How many pictures the test side has."""
        return self.manifest.metrics.test.count


def served_models() -> list[ServedModel]:
    """Returns what is served, by name; asked once a request.

    Raises:
        StorageUnavailable: when the storage cannot be read.
    """
    if "served_models" not in g:
        registry = services().registry
        pointers = sorted(registry.all_served().items())
        g.served_models = [ServedModel(registry.manifest(name, pointer.version)) for name, pointer in pointers]
    found: list[ServedModel] = g.served_models
    return found


def served_or_unknown() -> list[ServedModel] | None:
    """Returns what is served, or None when that cannot be told: an error page must not fail over its header."""
    try:
        return served_models()
    except LoupeError as error:
        log.warning("the header cannot say what is served: %s", error)
        return None


def default_model(models: Sequence[ServedModel]) -> ServedModel | None:
    """Returns the model that answers when a request names none, or None when the request has to choose."""
    named = services().settings.default_model
    if named:
        return next((model for model in models if model.name == named), None)
    own = [model for model in models if model.name != BUILT_IN] or list(models)
    return own[0] if len(own) == 1 else None
