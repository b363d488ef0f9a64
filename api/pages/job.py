"""The page of one job: its answer, its list, or its training; and the buttons that cancel it or try it again."""

from __future__ import annotations

import time
from contextlib import suppress

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.access.owner import check_owner
from api.idempotency import form_key
from api.pages.answer import answer_of
from api.pages.asked import asked_of
from api.pages.form import form_after
from api.pages.importing import import_of
from api.pages.list_page import list_page
from api.pages.refresh import refresh_of
from api.pages.render import page
from api.pages.served import served_models
from api.pages.training import training_of
from api.pages.waiting import why_waiting
from api.prefer import wait_for_end
from api.retry import retry as retry_job
from api.schedules import made_by
from api.services import services
from api.webhooks import tell_again
from shared.errors import JobFinished
from shared.jobs.model import Job, Kind

blueprint = Blueprint("pages_job", __name__)

# So long is the answer to one picture waited for: mostly it is there when the page comes.
PATIENCE_S = 2.0


@blueprint.get("/jobs/<job_id>")
def job_page(job_id: str) -> Response:
    """Shows a job of any kind."""
    job = services().jobs.get(job_id)
    refresh = refresh_of(job)
    schedule = made_by(services(), job_id) if job.kind is not Kind.CLASSIFICATION else None
    if job.kind is Kind.IMPORT and "model" not in job.spec:
        return page("import.html", refresh=refresh, job=job, it=import_of(job, time.time()), schedule=schedule)
    if job.kind is not Kind.CLASSIFICATION:
        training = training_of(job, time.time())
        return page("training.html", refresh=refresh, job=job, training=training, schedule=schedule)
    if not job.single:
        return list_page(job)
    with services().events.watch(job_id) as watch:
        # Looked at again, now that nothing can be missed.
        return _single_page(wait_for_end(services(), services().jobs.get(job_id), PATIENCE_S, watch))


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> AnyResponse:
    """Cancels a job and shows its page again; one that ended meanwhile is simply shown.

    `keep` keeps a training's best weights so far.
    """
    check_owner(services().jobs.get(job_id))
    with suppress(JobFinished):
        services().jobs.cancel(job_id, {"keep": True} if request.form.get("keep") else None)
    return redirect(f"/jobs/{job_id}", 303)


@blueprint.post("/jobs/<job_id>/retry")
def retry(job_id: str) -> AnyResponse:
    """Tries what failed of a classification again, and shows the new job's page."""
    known = services()
    return redirect(f"/jobs/{retry_job(known, known.jobs.get(job_id), form_key()).job.id}", 303)


@blueprint.post("/jobs/<job_id>/webhook")
def webhook(job_id: str) -> AnyResponse:
    """Tells a job's webhook again, and shows the page."""
    tell_again(services(), job_id)
    return redirect(f"/jobs/{job_id}#webhook", 303)


def _single_page(job: Job) -> Response:
    models = served_models()
    asked = asked_of(job)
    form = form_after(job, asked, models)
    chosen = next((model for model in models if model.name == form.model), None)
    labels = chosen.manifest.labels if chosen else []
    return page(
        "single.html",
        refresh=refresh_of(job),
        job=job,
        answer=answer_of(job, asked, labels, why_waiting(job)),
        form=form,
        model=chosen,
    )
