"""POST /api/v1/classifications: pictures in, a job out."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from api.answers import accepted
from api.bodies import parse_json, read_texts, validate
from api.idempotency import idempotency_key
from api.operation import Operation, documented
from api.services import Services, services
from api.submit import check_count, submit_items, submit_uploads, submit_url
from api.uploads import FIELD, uploaded_pictures
from shared import errors
from shared.jobs.store import Created
from shared.schemas.classification import ClassificationRequest, ListItem, Options
from shared.schemas.job import JobView

blueprint = Blueprint("classifications", __name__)

TAKEN = "application/json or multipart/form-data"


def _form_schema() -> dict[str, Any]:
    schema = Options.model_json_schema()
    file = {"type": "array", "minItems": 1, "items": {"type": "string", "contentMediaType": "application/octet-stream"}}
    properties = {FIELD: file | {"description": "The pictures, each in a part of its own."}, **schema["properties"]}
    return schema | {"properties": properties, "required": [FIELD], "title": "ClassificationForm"}


@blueprint.post("/api/v1/classifications")
@documented(
    Operation(
        summary="Classify pictures",
        tag="Classification",
        description='`{"url"}` or exactly one uploaded picture makes a single job, anything else a list.',
        body={"application/json": ClassificationRequest, "multipart/form-data": _form_schema()},
        answers={200: [JobView], 202: [JobView]},
        errors=(
            errors.BadRequest,
            errors.BadJson,
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.NoModel,
            errors.BodyTooLarge,
            errors.UnsupportedMediaType,
            errors.InvalidRequest,
            errors.TooManyItems,
            errors.ModelRequired,
            errors.IdempotencyMismatch,
            errors.QueueFull,
            errors.RedisUnavailable,
            errors.StorageUnavailable,
        ),
        headers={
            "Prefer": "`wait=N` holds the answer for up to N seconds, at most 60, until the job has ended.",
            "Idempotency-Key": "The same request with the same key within 24 h is answered with the first one's job.",
        },
    )
)
def create() -> Response:
    """Accepts one picture or many."""
    known = services()
    if request.mimetype == "multipart/form-data":
        return accepted(known, _from_form(known))
    if request.mimetype == "application/json":
        return accepted(known, _from_json(known))
    raise errors.UnsupportedMediaType(f"Expected {TAKEN}, received {request.mimetype or 'no content type'}.")


def _from_json(known: Services) -> Created:
    body = parse_json()
    for way in ("urls", "items"):
        if isinstance(body, dict) and isinstance(body.get(way), list):
            check_count(known, len(body[way]))
    asked = validate(ClassificationRequest, body)
    options = Options(**{name: getattr(asked, name) for name in Options.model_fields})
    key = idempotency_key()
    if asked.url is not None:
        return submit_url(known, asked.url, options, key)
    items = asked.items or [ListItem(url=url) for url in asked.urls or ()]
    return submit_items(known, items, options, key)


def _from_form(known: Services) -> Created:
    options = read_texts(Options, request.form)
    return submit_uploads(known, uploaded_pictures(request.files), options, idempotency_key())
