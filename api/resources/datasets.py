"""/api/v1/datasets: import pictures, look at what came of it, delete it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from flask import Blueprint, Response, request

from api.answers import accepted, answered
from api.bodies import read_json, read_query, read_texts
from api.dataset_use import check_unused
from api.dataset_views import dataset_view, refused_files, version_view
from api.headers import KEEP
from api.idempotency import idempotency_key
from api.imports import FIELD, submit_archive, submit_import, uploaded_archive
from api.name_pages import page_of
from api.operation import AWAY, BODY_ERRORS, JOB_ERRORS, JOB_HEADERS, Media, Operation, documented
from api.services import services
from api.spreadsheet import refused_lines
from shared import errors
from shared.datasets import DatasetStore
from shared.schemas.base import NamesQuery
from shared.schemas.dataset import (
    DatasetPage,
    DatasetRequest,
    DatasetVersionView,
    DatasetView,
    ImportOptions,
)
from shared.schemas.job import JobView

blueprint = Blueprint("datasets", __name__)

TAG = "Datasets"
SHOWN = {".png": "image/png", ".webp": "image/webp"}
OFFERED = {".json": "application/json", ".ndjson": "application/x-ndjson"}
MISSING = (errors.DatasetNotFound, errors.VersionCorrupt, errors.StorageUnavailable)


def _form_schema() -> dict[str, Any]:
    schema = ImportOptions.model_json_schema()
    archive = {"type": "string", "contentMediaType": "application/octet-stream"}
    described = archive | {"description": "A .zip or .tar.gz with a folder for each class."}
    properties = {FIELD: described, **schema["properties"]}
    return schema | {"properties": properties, "required": [FIELD, "name"], "title": "DatasetForm"}


@blueprint.get("/api/v1/datasets")
@documented(
    Operation(
        summary="List datasets by name",
        tag=TAG,
        query=NamesQuery,
        answers={200: [DatasetPage]},
        errors=(errors.InvalidRequest, errors.VersionCorrupt, errors.StorageUnavailable),
    )
)
def index() -> Response:
    """Lists datasets."""
    query = read_query(NamesQuery)
    store = DatasetStore(services().storage)
    names, following = page_of(store.names(), query)
    items = [dataset_view(store, name) for name in names]
    return answered(DatasetPage(items=items, next_cursor=following))


@blueprint.post("/api/v1/datasets")
@documented(
    Operation(
        summary="Import a dataset",
        tag=TAG,
        description="Paths are relative to the import folder. The job's result has the version and a report.",
        body={"application/json": DatasetRequest, "multipart/form-data": _form_schema()},
        answers={200: [JobView], 202: [JobView]},
        errors=(errors.BadRequest, errors.PathNotAllowed, *BODY_ERRORS, *JOB_ERRORS),
        headers=JOB_HEADERS,
    )
)
def create() -> Response:
    """Accepts an import."""
    known = services()
    if request.mimetype == "multipart/form-data":
        archive = uploaded_archive(request.files)
        options = read_texts(ImportOptions, request.form)
        return accepted(submit_archive(known, options, archive, idempotency_key()))
    if request.mimetype == "application/json":
        return accepted(submit_import(known, read_json(DatasetRequest), idempotency_key()))
    received = request.mimetype or "no content type"
    raise errors.UnsupportedMediaType(f"Expected application/json or multipart/form-data, received {received}.")


@blueprint.get("/api/v1/datasets/<name>")
@documented(Operation(summary="Look at a dataset", tag=TAG, answers={200: [DatasetView]}, errors=MISSING))
def show(name: str) -> Response:
    """Shows a dataset."""
    return answered(dataset_view(DatasetStore(services().storage), name))


@blueprint.delete("/api/v1/datasets/<name>")
@documented(
    Operation(
        summary="Delete a dataset with all its versions",
        tag=TAG,
        description="Models that were trained on it stay.",
        answers={204: []},
        errors=(errors.DatasetNotFound, errors.InUse, *AWAY),
    )
)
def delete(name: str) -> Response:
    """Deletes a dataset."""
    known, store = services(), DatasetStore(services().storage)
    store.check_exists(name)
    check_unused(known, name)
    store.delete(name)
    return Response(status=204)


@blueprint.get("/api/v1/datasets/<name>/versions/<version>")
@documented(
    Operation(
        summary="Look at a version and its report",
        tag=TAG,
        answers={200: [DatasetVersionView]},
        errors=(*MISSING, errors.DatasetVersionNotFound),
    )
)
def show_version(name: str, version: str) -> Response:
    """Shows a version."""
    return answered(version_view(DatasetStore(services().storage), name, version))


@blueprint.get("/api/v1/datasets/<name>/versions/<version>/refused.csv")
@documented(
    Operation(
        summary="Every file that was left out of a version, with its reason",
        tag=TAG,
        answers={200: [Media("text/csv")]},
        errors=(*MISSING, errors.DatasetVersionNotFound),
    )
)
def refused(name: str, version: str) -> Response:
    """Lists refused files as CSV."""
    lines = refused_lines(refused_files(DatasetStore(services().storage), name, version))
    headers = {"Content-Disposition": f'attachment; filename="{name}-{version}-refused.csv"'}
    return Response(lines, mimetype="text/csv", headers=headers)


@blueprint.get("/api/v1/datasets/<name>/versions/<version>/files/<file>")
@documented(
    Operation(
        summary="A file of a version",
        tag=TAG,
        answers={200: [Media("application/octet-stream", schema={})]},
        errors=(*MISSING, errors.DatasetVersionNotFound, errors.FileNotKept),
    )
)
def file(name: str, version: str, file: str) -> Response:
    """Answers with a file, its content checked against the manifest."""
    data = DatasetStore(services().storage).file(name, version, file)
    suffix = PurePosixPath(file).suffix
    # A version never changes, and neither do its files.
    response = Response(data, headers={"Cache-Control": KEEP})
    response.mimetype = SHOWN.get(suffix) or OFFERED.get(suffix) or "application/octet-stream"
    if suffix not in SHOWN:
        response.headers["Content-Disposition"] = f'attachment; filename="{name}-{version}-{file}"'
    return response
