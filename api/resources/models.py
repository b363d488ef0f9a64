"""/api/v1/models: which models there are, which version answers, and the files of each version."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask import Blueprint, Response

from api.answers import answered
from api.bodies import read_query
from api.model_views import model_view, version_view
from api.operation import Media, Operation, documented
from api.services import services
from shared import errors
from shared.heartbeat import processes
from shared.schemas.base import PageQuery
from shared.schemas.model import ModelPage, ModelView, VersionView

blueprint = Blueprint("models", __name__)

TAG = "Models"
# Only what a browser draws is shown in place; everything else is offered as a download.
SHOWN = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
OFFERED = {".json": "application/json", ".zip": "application/zip"}


@blueprint.get("/api/v1/models")
@documented(
    Operation(
        summary="List models by name",
        tag=TAG,
        query=PageQuery,
        answers={200: [ModelPage]},
        errors=(errors.InvalidRequest, errors.RedisUnavailable, errors.StorageUnavailable),
    )
)
def index() -> Response:
    """Lists models."""
    query = read_query(PageQuery)
    known = services()
    names = [name for name in known.registry.names() if query.cursor is None or name > query.cursor]
    states = processes(known.redis)
    items = [model_view(known.registry, states, name) for name in names[: query.limit]]
    following = names[query.limit - 1] if len(names) > query.limit else None
    return answered(ModelPage(items=items, next_cursor=following))


@blueprint.get("/api/v1/models/<name>")
@documented(
    Operation(
        summary="Look at a model",
        tag=TAG,
        answers={200: [ModelView]},
        errors=(errors.ModelNotFound, errors.RedisUnavailable, errors.StorageUnavailable),
    )
)
def show(name: str) -> Response:
    """Shows a model."""
    known = services()
    return answered(model_view(known.registry, processes(known.redis), name))


@blueprint.get("/api/v1/models/<name>/versions/<int:version>")
@documented(
    Operation(
        summary="Look at a version",
        tag=TAG,
        answers={200: [VersionView]},
        errors=(errors.ModelNotFound, errors.VersionNotFound, errors.VersionCorrupt, errors.StorageUnavailable),
    )
)
def show_version(name: str, version: int) -> Response:
    """Shows a version."""
    return answered(version_view(services().registry, name, version))


@blueprint.get("/api/v1/models/<name>/versions/<int:version>/files/<file>")
@documented(
    Operation(
        summary="A file of a version",
        tag=TAG,
        answers={200: [Media("application/octet-stream", binary=True)]},
        errors=(
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.FileNotKept,
            errors.VersionCorrupt,
            errors.StorageUnavailable,
        ),
    )
)
def file(name: str, version: int, file: str) -> Response:
    """Answers with a file, its content checked against the manifest."""
    data = services().registry.file(name, version, file)
    suffix = PurePosixPath(file).suffix
    # A version never changes, and neither do its files.
    response = Response(data, headers={"Cache-Control": "private, max-age=86400, immutable"})
    response.mimetype = SHOWN.get(suffix) or OFFERED.get(suffix) or "application/octet-stream"
    if suffix not in SHOWN:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}-{version}-{file}"'
    return response
