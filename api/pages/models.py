"""The list of models with their versions and how good each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response

from api.pages.render import page
from api.services import services
from shared.registry import Manifest

blueprint = Blueprint("pages_models", __name__)
MOST_VERSIONS = 20


@dataclass(frozen=True)
class ModelRow:
    """A model.

    Attributes:
        served: the version that answers, if any.
        versions: the newest first.
        detail: the version shown class by class: the served one, else the newest.
    """

    name: str
    served: int | None
    versions: Sequence[Manifest]
    detail: Manifest | None


@blueprint.get("/models")
def models_page() -> Response:
    """Lists all models."""
    return page("models.html", models=[_row(name) for name in services().registry.names()])


def _row(name: str) -> ModelRow:
    registry = services().registry
    pointer = registry.served(name)
    served = pointer.version if pointer else None
    numbers = registry.versions(name)[-MOST_VERSIONS:][::-1]
    versions = [registry.manifest(name, number) for number in numbers]
    detail = registry.manifest(name, served) if served else next(iter(versions), None)
    return ModelRow(name, served, versions, detail)
