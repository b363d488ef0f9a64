"""/api/v1/datasets/{name}/corrections: what people said of single pictures, for the versions to come."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import accepted, answered
from api.bodies import read_json, read_optional_json, read_query
from api.corrections import apply_corrections, correct, take_back
from api.idempotency import idempotency_key
from api.operation import BODY_ERRORS, JOB_ERRORS, JOB_HEADERS, Operation, documented
from api.resources.pictures import MISSING
from api.services import services
from shared import errors
from shared.datasets import DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.schemas.base import rfc3339
from shared.schemas.correction import (
    ApplyRequest,
    CorrectionPage,
    CorrectionRequest,
    CorrectionsQuery,
    CorrectionView,
    PictureCorrection,
)
from shared.schemas.job import JobView

blueprint = Blueprint("corrections", __name__)

TAG = "Datasets"
PATH = "/api/v1/datasets/<name>/versions/<version>/pictures/<int:index>/correction"


@blueprint.get("/api/v1/datasets/<name>/corrections")
@documented(
    Operation(
        summary="List the corrections of a dataset",
        tag=TAG,
        query=CorrectionsQuery,
        answers={200: [CorrectionPage]},
        errors=(errors.DatasetNotFound, errors.InvalidRequest, errors.StorageUnavailable),
    )
)
def index(name: str) -> Response:
    """Lists corrections."""
    query = read_query(CorrectionsQuery)
    known = services()
    DatasetStore(known.storage).check_exists(name)
    kept = Corrections(known.storage, name)
    wanted = [one for one in sorted(kept.hashes()) if query.cursor is None or one > query.cursor]
    shown = wanted[: query.limit]
    items = [_view(one) for one in map(kept.get, shown) if one is not None]
    return answered(CorrectionPage(items=items, next_cursor=shown[-1] if len(wanted) > len(shown) else None))


@blueprint.post("/api/v1/datasets/<name>/corrections/apply")
@documented(
    Operation(
        summary="Make a version that has the corrections",
        tag=TAG,
        description="Of the pictures that are there already; nothing is fetched again. The job is an import like any"
        " other. Every later import of the dataset has the corrections as well.",
        body={"application/json": ApplyRequest},
        body_required=False,
        answers={200: [JobView], 202: [JobView]},
        errors=(errors.DatasetNotFound, errors.VersionCorrupt, *BODY_ERRORS, *JOB_ERRORS),
        headers=JOB_HEADERS,
    )
)
def apply(name: str) -> Response:
    """Accepts the import."""
    read_optional_json(ApplyRequest)
    return accepted(apply_corrections(services(), name, idempotency_key()))


@blueprint.put(PATH)
@documented(
    Operation(
        summary="Say what a picture is, or leave it out",
        tag=TAG,
        description="Versions never change: it holds for those that are made from now on. A picture is known by its"
        " content, so it does not matter of which version it is corrected.",
        body={"application/json": CorrectionRequest},
        answers={200: [PictureCorrection]},
        errors=(*MISSING, *BODY_ERRORS),
    )
)
def put(name: str, version: str, index: int) -> Response:
    """Corrects a picture."""
    found = correct(services(), name, version, index, read_json(CorrectionRequest).label)
    return answered(PictureCorrection(correction=_view(found) if found else None))


@blueprint.delete(PATH)
@documented(Operation(summary="Take a correction back", tag=TAG, answers={204: []}, errors=MISSING))
def delete(name: str, version: str, index: int) -> Response:
    """Forgets a correction."""
    take_back(services(), name, version, index)
    return Response(status=204)


def _view(one: Correction) -> CorrectionView:
    at = rfc3339(one.at.timestamp())
    return CorrectionView(sha256=one.sha256, file=one.file, was=one.was, label=one.label, at=at)
