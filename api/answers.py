"""Answers that several endpoints give in the same way."""

from __future__ import annotations

from flask import Response, json, request

from api.prefer import preferred_wait, wait_for_end
from api.services import Services
from shared.jobs.store import Created
from shared.schemas.base import Answer
from shared.schemas.job import JobView

RETRY_AFTER_S = 1


def answered(view: Answer, status: int = 200) -> Response:
    """Returns a schema as JSON."""
    return Response(json.dumps(view.model_dump(mode="json")), status, mimetype="application/json")


def accepted(services: Services, created: Created) -> Response:
    """Returns the answer to a request that created work.

    202 with the job, or 200 when `Prefer: wait` saw it end, or when the job is that of an earlier request.
    """
    job = created.job
    wait = None if created.replayed else preferred_wait(request)
    if wait:
        job = wait_for_end(services, job, wait)
    done = created.replayed or (bool(wait) and job.status.final)
    view = JobView.of(job)
    response = answered(view, 200 if done else 202)
    response.headers["Location"] = view.links.self
    if not done:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    if wait:
        response.headers["Preference-Applied"] = f"wait={wait}"
    if created.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
