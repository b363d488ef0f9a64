"""/api/v1/jobs: look at jobs, cancel them, forget them."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api import small_pictures
from api.access.owner import check_owner
from api.answers import accepted, answered
from api.bodies import no_cursor, read_optional_json, read_query
from api.idempotency import idempotency_key
from api.operation import BODY_ERRORS, JOB_HEADERS, Media, Operation, documented
from api.prefer import preferred_wait
from api.queueing import look
from api.retry import retry as retry_job
from api.services import services
from shared import errors
from shared.errors import JobNotFinished
from shared.ids import created_ms
from shared.jobs.files import paths
from shared.jobs.model import Kind
from shared.schemas.job import CancelRequest, JobPage, JobsQuery, JobView, RetryRequest

blueprint = Blueprint("jobs", __name__)

TAG = "Jobs"
MISSING = (errors.JobNotFound, errors.JobExpired, errors.RedisUnavailable)


@blueprint.get("/api/v1/jobs")
@documented(
    Operation(
        summary="List jobs, newest first",
        tag=TAG,
        query=JobsQuery,
        answers={200: [JobPage]},
        errors=(errors.InvalidRequest, errors.RedisUnavailable),
    )
)
def index() -> Response:
    """Lists jobs."""
    query = read_query(JobsQuery)
    if query.cursor is not None and created_ms(query.cursor) is None:
        raise no_cursor()
    page = services().jobs.page(kind=query.kind, status=query.status, cursor=query.cursor, limit=query.limit)
    return answered(JobPage(items=[JobView.of(job) for job in page.jobs], next_cursor=page.next_cursor))


@blueprint.get("/api/v1/jobs/<job_id>")
@documented(
    Operation(
        summary="Look at a job",
        tag=TAG,
        answers={200: [JobView]},
        errors=MISSING,
        headers={"Prefer": "`wait=N` holds the answer for up to N seconds, at most 60, until the job has ended."},
    )
)
def show(job_id: str) -> Response:
    """Shows a job, at its end if that is waited for."""
    wait_s = preferred_wait(request)
    response = answered(JobView.of(look(services(), job_id, wait_s)))
    if wait_s:
        response.headers["Preference-Applied"] = f"wait={wait_s}"
    return response


@blueprint.delete("/api/v1/jobs/<job_id>")
@documented(
    Operation(
        summary="Forget a job that has ended, with its pictures",
        tag=TAG,
        answers={204: []},
        errors=(*MISSING, errors.JobNotFinished, errors.StorageUnavailable),
    )
)
def delete(job_id: str) -> Response:
    """Forgets a job."""
    job = services().jobs.get(job_id)
    check_owner(job)
    if not job.status.final:
        raise JobNotFinished(f"Job {job_id} has not ended yet. Cancel it first, or wait for its end.")
    # The files first: if that fails the job is still there, and it can be tried again.
    for path in paths(job_id):
        services().storage.delete(path)
    services().jobs.delete(job_id)
    return Response(status=204)


@blueprint.post("/api/v1/jobs/<job_id>/cancel")
@documented(
    Operation(
        summary="Ask a job to stop",
        tag=TAG,
        body={"application/json": CancelRequest},
        body_required=False,
        answers={202: [JobView]},
        errors=(*MISSING, errors.JobFinished, *BODY_ERRORS),
    )
)
def cancel(job_id: str) -> Response:
    """Asks a job to stop."""
    asked = read_optional_json(CancelRequest)
    job = services().jobs.get(job_id)
    check_owner(job)
    # Only a training has something to keep; of any other job the wish says nothing.
    options = {"keep": True} if asked.keep and job.kind is Kind.TRAINING else None
    return answered(JobView.of(services().jobs.cancel(job_id, options)), 202)


@blueprint.post("/api/v1/jobs/<job_id>/retry")
@documented(
    Operation(
        summary="Try the failed items of a classification again",
        tag=TAG,
        description="A new job with the failed items, their ids and the same options, for the version that was named"
        " or else for the one that is served now. Uploads are copied; with LOUPE_KEEP_IMAGES=0 they are gone, and their"
        " items fail with `upload_missing`. The webhook is told of it if the job is the caller's own.",
        body={"application/json": RetryRequest},
        body_required=False,
        answers={200: [JobView], 202: [JobView]},
        errors=(
            *MISSING,
            errors.ModelNotFound,
            errors.VersionNotFound,
            errors.JobNotFinished,
            errors.NothingToRetry,
            errors.WrongKind,
            errors.NoModel,
            errors.ResultsDamaged,
            errors.WebhookNotAllowed,
            errors.IdempotencyMismatch,
            errors.QueueFull,
            errors.StorageUnavailable,
            *BODY_ERRORS,
        ),
        headers=JOB_HEADERS,
    )
)
def retry(job_id: str) -> Response:
    """Tries failed items again."""
    read_optional_json(RetryRequest)
    known = services()
    return accepted(retry_job(known, known.jobs.get(job_id), idempotency_key()))


@blueprint.get("/api/v1/jobs/<job_id>/items/<int:index>/image")
@documented(
    Operation(
        summary="The small picture of an item",
        tag=TAG,
        answers={200: [Media("image/jpeg", schema={})]},
        errors=(*MISSING, errors.NoImage, errors.StorageUnavailable),
    )
)
def image(job_id: str, index: int) -> Response:
    """Shows the small picture that the worker kept."""
    job = services().jobs.get(job_id)
    data = small_pictures.read(services(), job, index)
    return Response(data, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=300"})
