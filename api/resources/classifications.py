"""POST /api/v1/classifications: pictures in, a job out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from api.answers import accepted, answered
from api.idempotency import idempotency_key
from api.intake.asked import asked
from api.intake.check import check
from api.operation import BODY_ERRORS, JOB_ERRORS, JOB_HEADERS, Operation, documented
from api.services import services
from api.submit import submit
from api.uploads import FIELD
from shared import errors
from shared.schemas.classification import ClassificationCheck, ClassificationQuery, ClassificationRequest, TextOptions
from shared.schemas.job import JobView

blueprint = Blueprint("classifications", __name__)

TEXT = {"type": "string"}


def _form_schema() -> dict[str, Any]:
    schema = TextOptions.model_json_schema()
    file = {"type": "array", "minItems": 1, "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    properties = {
        FIELD: file | {"description": "Pictures, each in a part of its own, or one .zip of pictures."},
        **schema["properties"],
    }
    return schema | {"properties": properties, "required": [FIELD], "title": "ClassificationForm"}


@blueprint.post("/api/v1/classifications")
@documented(
    Operation(
        summary="Classify pictures",
        tag="Classification",
        description='`{"url"}` or exactly one uploaded picture makes a single job, anything else a list. A list is read'
        " as a stream, and each URL in it is fetched once. With `?check=1` nothing is fetched or created: the answer is"
        " a ClassificationCheck. The other options are taken in the query only with CSV, text and NDJSON.",
        query=ClassificationQuery,
        body={
            "application/json": ClassificationRequest,
            "multipart/form-data": _form_schema(),
            "text/csv": TEXT | {"description": "A header line with a column `url` and maybe `id`; others are ignored."},
            "text/plain": TEXT | {"description": "A URL a line."},
            "application/x-ndjson": TEXT | {"description": 'A JSON object a line: `{"id": "mine-1", "url": "…"}`.'},
        },
        answers={200: [JobView, ClassificationCheck], 202: [JobView]},
        errors=(
            errors.BadRequest,
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.NoModel,
            errors.WebhookNotAllowed,
            errors.TooManyItems,
            errors.ModelRequired,
            *BODY_ERRORS,
            *JOB_ERRORS,
        ),
        headers=JOB_HEADERS,
    )
)
def create() -> Response:
    """Accepts one picture or many, or says what would come of them."""
    known = services()
    with asked(request, known.settings) as wanted:
        if wanted.check:
            return answered(check(known, wanted.source, wanted.options, wanted.findings))
        wanted.findings.check()
        created = submit(known, wanted.source, wanted.options, idempotency_key())
    return accepted(created)
