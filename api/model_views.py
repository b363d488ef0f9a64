"""Models and versions as clients see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.errors import ModelNotFound, VersionCorrupt
from shared.heartbeat import ProcessState
from shared.load_state import LoadState
from shared.registry import Registry, Served
from shared.schemas.base import rfc3339
from shared.schemas.model import HistoryPage, ModelView, PeriodView, VersionState, VersionView, WorkerModel


def model_view(registry: Registry, states: Sequence[ProcessState], name: str) -> ModelView:
    """Returns a model. A pointer or a manifest that cannot be read hides what it would say, and nothing else.

    Raises:
        ModelNotFound: there is no such model.
    """
    versions = registry.known_versions(name)
    served = registry.readable_served(name)
    previous = served.previous_version if served else None
    return ModelView(
        name=name,
        served_version=served.version if served else None,
        previous_version=previous if previous in versions else None,
        promoted_at=rfc3339(served.promoted_at.timestamp()) if served else None,
        labels=_labels(registry, name, served.version if served else versions[-1]),
        versions=versions,
        workers=list(_workers(states, name)),
    )


def history_view(registry: Registry, name: str) -> HistoryPage:
    """Returns which versions of a model answered when.

    Raises:
        ModelNotFound: there is no such model.
    """
    registry.known_versions(name)
    items = [
        PeriodView(
            version=one.version,
            since=rfc3339(one.since.timestamp()) or "",
            until=rfc3339(one.until.timestamp()) if one.until else None,
            refused=one.refused,
        )
        for one in registry.periods(name)
    ]
    return HistoryPage(items=items, next_cursor=None)


def version_view(registry: Registry, states: Sequence[ProcessState], name: str, version: int) -> VersionView:
    """Returns a version: its manifest, its state, and where its files are.

    Raises:
        ModelNotFound, VersionNotFound: there is no such version.
        VersionCorrupt: its manifest cannot be read.
    """
    manifest = registry.manifest(name, version)
    files = f"/api/v1/models/{name}/versions/{version}/files"
    served = registry.readable_served(name)
    reason = _failure(served, [worker for worker in _workers(states, name) if worker.version == version], version)
    shown = manifest.model_dump(mode="json") | {
        "created_at": rfc3339(manifest.created_at.timestamp()),
        "state": _state(served, version) if reason is None else LoadState.FAILED.value,
        "reason": reason,
        "links": {file: f"{files}/{file}" for file in ["manifest.json", *sorted(manifest.files)]},
    }
    return VersionView.model_validate(shown)


def _workers(states: Sequence[ProcessState], name: str) -> Iterator[WorkerModel]:
    for state in states:
        for model in state.models:
            if model["name"] == name:
                yield WorkerModel(
                    id=state.id,
                    version=model["version"],
                    state=model["state"],
                    serving=model.get("serving", False),
                    engine=model.get("engine"),
                    reason=model.get("reason"),
                )


def _failure(served: Served | None, workers: Sequence[WorkerModel], version: int) -> str | None:
    """Returns why a version cannot be loaded: now, by those that try, or when it was served last; None if it can."""
    tried = [worker for worker in workers if worker.state != LoadState.LOADING]
    failed = [worker for worker in tried if worker.state == LoadState.FAILED]
    if tried:
        return failed[0].reason or "" if len(failed) == len(tried) else None
    refusal = served.refusal(version) if served else None
    return refusal.reason if refusal else None


def _labels(registry: Registry, name: str, version: int) -> list[str]:
    try:
        return registry.manifest(name, version).labels
    except (VersionCorrupt, ModelNotFound):
        return []


def _state(served: Served | None, version: int) -> VersionState:
    if served is not None and served.version == version:
        return "served"
    if served is not None and served.previous_version == version:
        return "previous"
    return "ready"
