"""/api/v1/models/{name}/versions: make one of a model trained elsewhere, look at one, take its files, delete it."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask import Blueprint, Response, send_file

from api.answers import accepted, answered
from api.bodies import read_json, read_query
from api.compare_views import compare_view
from api.headers import KEEP
from api.idempotency import idempotency_key
from api.model_import import submit_model
from api.model_views import version_view
from api.operation import AWAY, BODY_ERRORS, JOB_ERRORS, JOB_HEADERS, Media, Operation, documented
from api.services import services
from api.version_use import check_version_unused
from shared import errors
from shared.heartbeat import processes
from shared.schemas.job import JobView
from shared.schemas.model import CompareQuery, CompareView, ModelImportRequest, VersionView

blueprint = Blueprint("versions", __name__)

TAG = "Models"
# Only what a browser draws is shown in place; everything else is offered as a download.
SHOWN = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
OFFERED = {".json": "application/json", ".zip": "application/zip", ".csv": "text/csv", ".md": "text/markdown"}


@blueprint.post("/api/v1/models/<name>/versions")
@documented(
    Operation(
        summary="Take in a model trained elsewhere",
        tag=TAG,
        description="A `.keras` file of the import folder: loaded without running any code of it, evaluated on a"
        " dataset's test side, and judged by the gate like any other version. The job is of kind import; its result"
        " is the new version, its metrics, and whether it is served.",
        body={"application/json": ModelImportRequest},
        answers={200: [JobView], 202: [JobView]},
        errors=(
            errors.ModelNotFound,
            errors.DatasetNotFound,
            errors.DatasetVersionNotFound,
            errors.VersionCorrupt,
            errors.PathNotAllowed,
            *BODY_ERRORS,
            *JOB_ERRORS,
        ),
        headers=JOB_HEADERS,
    )
)
def create_version(name: str) -> Response:
    """Accepts a model."""
    known = services()
    return accepted(submit_model(known, name, read_json(ModelImportRequest), idempotency_key()))


@blueprint.get("/api/v1/models/<name>/versions/<int:version>")
@documented(
    Operation(
        summary="Look at a version",
        tag=TAG,
        answers={200: [VersionView]},
        errors=(errors.ModelNotFound, errors.VersionNotFound, errors.VersionCorrupt, *AWAY),
    )
)
def show_version(name: str, version: int) -> Response:
    """Shows a version."""
    known = services()
    return answered(version_view(known.registry, processes(known.redis), name, version))


@blueprint.get("/api/v1/models/<name>/versions/<int:version>/compare")
@documented(
    Operation(
        summary="Compare a version with another one, picture by picture",
        tag=TAG,
        description="On the test pictures that both were asked about, told apart by their content; what is left out is"
        " counted. Lists the pictures of one outcome, the surest wrong answers first.",
        query=CompareQuery,
        answers={200: [CompareView]},
        errors=(
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.NoAnswers,
            errors.VersionCorrupt,
            errors.InvalidRequest,
            errors.StorageUnavailable,
        ),
    )
)
def compare_versions(name: str, version: int) -> Response:
    """Compares two versions."""
    return answered(compare_view(services(), name, version, read_query(CompareQuery)))


@blueprint.delete("/api/v1/models/<name>/versions/<int:version>")
@documented(
    Operation(
        summary="Delete a version that is neither served nor asked by a job that has not ended",
        tag=TAG,
        description="Its number is never used again.",
        answers={204: []},
        errors=(errors.ModelNotFound, errors.VersionNotFound, errors.InUse, errors.PointerBusy, *AWAY),
    )
)
def delete_version(name: str, version: int) -> Response:
    """Deletes a version."""
    known = services()
    # What is not there is no job's, and said to be missing below.
    if version in known.registry.versions(name):
        check_version_unused(known, name, version)
    known.pointers.delete(name, version)
    return Response(status=204)


@blueprint.get("/api/v1/models/<name>/versions/<int:version>/files/<file>")
@documented(
    Operation(
        summary="A file of a version",
        tag=TAG,
        answers={200: [Media("application/octet-stream", schema={})]},
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
    path, digest = services().registry.local_file(name, version, file)
    suffix = PurePosixPath(file).suffix
    response = send_file(
        path,
        mimetype=SHOWN.get(suffix) or OFFERED.get(suffix) or "application/octet-stream",
        as_attachment=suffix not in SHOWN,
        download_name=f"{name}-{version}-{file}",
        # What all API processes agree on: each has a copy of its own of what lies on S3.
        etag=digest,
    )
    # A version never changes, and neither do its files.
    response.headers["Cache-Control"] = KEEP
    return response
