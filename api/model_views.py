"""Models and versions as clients see them."""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import ModelNotFound
from shared.heartbeat import ProcessState
from shared.registry import Registry, Served
from shared.schemas.base import rfc3339
from shared.schemas.model import ModelView, VersionState, VersionView, WorkerModel


def model_view(registry: Registry, states: Sequence[ProcessState], name: str) -> ModelView:
    """Returns a model.

    Raises:
        ModelNotFound: there is no such model.
    """
    versions = registry.versions(name)
    if not versions:
        raise ModelNotFound(f"There is no model {name!r}.")
    served = registry.served(name)
    shown = served.version if served else versions[-1]
    return ModelView(
        name=name,
        served_version=served.version if served else None,
        previous_version=served.previous_version if served else None,
        promoted_at=rfc3339(served.promoted_at.timestamp()) if served else None,
        labels=registry.manifest(name, shown).labels,
        versions=versions,
        workers=[
            WorkerModel(id=state.id, version=model["version"], state=model["state"])
            for state in states
            for model in state.models
            if model["name"] == name
        ],
    )


def version_view(registry: Registry, name: str, version: int) -> VersionView:
    """Returns a version: its manifest, its state, and where its files are.

    Raises:
        ModelNotFound, VersionNotFound: there is no such version.
    """
    manifest = registry.manifest(name, version)
    files = f"/api/v1/models/{name}/versions/{version}/files"
    shown = manifest.model_dump(mode="json") | {
        "created_at": rfc3339(manifest.created_at.timestamp()),
        "state": _state(registry.served(name), version),
        "links": {file: f"{files}/{file}" for file in ["manifest.json", *sorted(manifest.files)]},
    }
    return VersionView.model_validate(shown)


def _state(served: Served | None, version: int) -> VersionState:
    if served is not None and served.version == version:
        return "served"
    if served is not None and served.previous_version == version:
        return "previous"
    return "ready"
