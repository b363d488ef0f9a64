"""/api/v1/schedules: trainings that are repeated."""

from __future__ import annotations

from flask import Blueprint, Response

from api.answers import accepted, answered
from api.bodies import read_json, read_optional_json, read_query
from api.idempotency import idempotency_key
from api.name_pages import page_of
from api.operation import AWAY, BODY_ERRORS, JOB_HEADERS, Operation, documented
from api.queueing import hold
from api.schedules import (
    change_schedule,
    delete_schedule,
    make_schedule,
    run_schedule,
    schedule_store,
    schedule_view,
)
from api.services import services
from shared import errors
from shared.schemas.base import NamesQuery
from shared.schemas.job import JobView
from shared.schemas.schedule import RunRequest, ScheduleChange, SchedulePage, ScheduleRequest, ScheduleView

blueprint = Blueprint("schedules", __name__)

TAG = "Schedules"
MISSING = (errors.ScheduleNotFound, *AWAY)
TRAINING = (
    errors.DatasetNotFound,
    errors.DatasetVersionNotFound,
    errors.VersionCorrupt,
    errors.PathNotAllowed,
    errors.WebhookNotAllowed,
)


@blueprint.get("/api/v1/schedules")
@documented(
    Operation(
        summary="List schedules by name",
        tag=TAG,
        query=NamesQuery,
        answers={200: [SchedulePage]},
        errors=(errors.InvalidRequest, *AWAY),
    )
)
def index() -> Response:
    """Lists schedules."""
    query = read_query(NamesQuery)
    known = services()
    found, following = page_of(schedule_store(known).all(), query, lambda one: one.name)
    items = [schedule_view(known, one) for one in found]
    return answered(SchedulePage(items=items, next_cursor=following))


@blueprint.post("/api/v1/schedules")
@documented(
    Operation(
        summary="Repeat a training",
        tag=TAG,
        description="Before each run the dataset is imported again from its source; its test pictures stay on their"
        " side. A run that is due while the last one goes on is skipped, and one that was due while everything was"
        " down is caught up once.",
        body={"application/json": ScheduleRequest},
        answers={201: [ScheduleView]},
        errors=(errors.ScheduleExists, *TRAINING, *BODY_ERRORS, *AWAY),
    )
)
def create() -> Response:
    """Makes a schedule."""
    known = services()
    view = schedule_view(known, make_schedule(known, read_json(ScheduleRequest)))
    response = answered(view, 201)
    response.headers["Location"] = view.links["self"]
    return response


@blueprint.get("/api/v1/schedules/<name>")
@documented(Operation(summary="Look at a schedule", tag=TAG, answers={200: [ScheduleView]}, errors=MISSING))
def show(name: str) -> Response:
    """Shows a schedule."""
    known = services()
    return answered(schedule_view(known, schedule_store(known).get(name)))


@blueprint.patch("/api/v1/schedules/<name>")
@documented(
    Operation(
        summary="Pause a schedule, or change it",
        tag=TAG,
        body={"application/json": ScheduleChange},
        answers={200: [ScheduleView]},
        errors=(*TRAINING, *BODY_ERRORS, *MISSING),
    )
)
def change(name: str) -> Response:
    """Changes a schedule."""
    known = services()
    return answered(schedule_view(known, change_schedule(known, name, read_json(ScheduleChange))))


@blueprint.delete("/api/v1/schedules/<name>")
@documented(
    Operation(
        summary="Delete a schedule",
        tag=TAG,
        description="A training that it made goes on, and so do the models that it trained.",
        answers={204: []},
        errors=MISSING,
    )
)
def delete(name: str) -> Response:
    """Deletes a schedule."""
    delete_schedule(services(), name)
    return Response(status=204)


@blueprint.post("/api/v1/schedules/<name>/run")
@documented(
    Operation(
        summary="Run a schedule now",
        tag=TAG,
        description="Answers with the job that the run begins with: the import of its dataset, which the training"
        " follows. The schedule's `last_job` is that training, and its newest run has both.",
        body={"application/json": RunRequest},
        body_required=False,
        answers={200: [JobView], 202: [JobView]},
        errors=(
            errors.JobNotFinished,
            errors.ScheduleCannotRun,
            errors.IdempotencyMismatch,
            errors.QueueFull,
            *BODY_ERRORS,
            *MISSING,
        ),
        headers=JOB_HEADERS,
    )
)
def run(name: str) -> Response:
    """Runs a schedule."""
    known = services()
    read_optional_json(RunRequest)
    return accepted(hold(known, run_schedule(known, name, idempotency_key())))
