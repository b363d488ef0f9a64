"""Answers that several endpoints give in the same way."""

from __future__ import annotations

from flask import Response, json, request
from pydantic_core import PydanticSerializationError

from api.access import audit
from api.prefer import preferred_wait
from shared.jobs.store import Created
from shared.schemas.base import Answer
from shared.schemas.job import JobView

RETRY_AFTER_S = 1


def answered(view: Answer, status: int = 200) -> Response:
    """Returns a schema as JSON."""
    return Response(to_json(view), status, mimetype="application/json")


def to_json(view: Answer) -> str:
    """Returns a schema as JSON text."""
    try:
        return view.model_dump_json()
    except PydanticSerializationError:
        # Half of a surrogate pair, which JSON can escape and UTF-8 cannot hold; this takes seven times as long.
        return json.dumps(view.model_dump(mode="json"))


def accepted(created: Created) -> Response:
    """Returns the answer to a request that created work.

    202 with the job, or 200 when `Prefer: wait` saw it end, or when the job is that of an earlier request.
    """
    wait = None if created.replayed else preferred_wait(request)
    done = created.replayed or created.job.status.final
    view = JobView.of(created.job)
    response = answered(view, 200 if done else 202)
    response.headers["Location"] = view.links.self
    if not done:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if wait:
        response.headers["Preference-Applied"] = f"wait={wait}"
    if created.replayed:
        audit.nothing_done()
        response.headers["Idempotency-Replayed"] = "true"
    return response
