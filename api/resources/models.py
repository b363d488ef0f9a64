"""/api/v1/models: which models there are, which version answers, and having another one answer."""

from __future__ import annotations

from flask import Blueprint, Response

from api.access import audit
from api.answers import answered
from api.bodies import read_json, read_query
from api.model_views import history_view, model_view
from api.name_pages import page_of
from api.operation import AWAY, BODY_ERRORS, Operation, documented
from api.services import services
from shared import errors
from shared.heartbeat import processes
from shared.schemas.base import NamesQuery
from shared.schemas.model import HistoryPage, ModelPage, ModelView, PromoteRequest

blueprint = Blueprint("models", __name__)

TAG = "Models"


@blueprint.get("/api/v1/models")
@documented(
    Operation(
        summary="List models by name",
        tag=TAG,
        query=NamesQuery,
        answers={200: [ModelPage]},
        errors=(errors.InvalidRequest, *AWAY),
    )
)
def index() -> Response:
    """Lists models."""
    query = read_query(NamesQuery)
    known = services()
    names, following = page_of(known.registry.names(), query)
    states = processes(known.redis)
    items = [model_view(known.registry, states, name) for name in names]
    return answered(ModelPage(items=items, next_cursor=following))


@blueprint.get("/api/v1/models/<name>")
@documented(
    Operation(
        summary="Look at a model",
        tag=TAG,
        answers={200: [ModelView]},
        errors=(errors.ModelNotFound, *AWAY),
    )
)
def show(name: str) -> Response:
    """Shows a model."""
    known = services()
    return answered(model_view(known.registry, processes(known.redis), name))


@blueprint.get("/api/v1/models/<name>/history")
@documented(
    Operation(
        summary="Which versions of a model answered when",
        tag=TAG,
        description="Newest first, the last 100 promotions and ways back.",
        answers={200: [HistoryPage]},
        errors=(errors.ModelNotFound, errors.StorageUnavailable),
    )
)
def history(name: str) -> Response:
    """Shows a model's past."""
    return answered(history_view(services().registry, name))


@blueprint.post("/api/v1/models/<name>/promote")
@documented(
    Operation(
        summary="Have a version answer from now on",
        tag=TAG,
        description="The pointer moves at once, and workers follow within 5 s: `workers` says what each of them has"
        " loaded. An older version is the way back.",
        body={"application/json": PromoteRequest},
        answers={200: [ModelView]},
        errors=(
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.VersionCorrupt,
            errors.PointerBusy,
            *BODY_ERRORS,
            *AWAY,
        ),
    )
)
def promote(name: str) -> Response:
    """Moves the served pointer."""
    known, asked = services(), read_json(PromoteRequest)
    states = processes(known.redis)
    known.pointers.promote(name, asked.version)
    audit.note(version=asked.version)
    return answered(model_view(known.registry, states, name))
