"""The page of one schedule: what it does, when, and how each run went; and the buttons that run, pause or delete it."""

from __future__ import annotations

import time

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from api.pages import words
from api.pages.importing import source_words
from api.pages.refresh import EVERY_S
from api.pages.render import page
from api.pages.schedule_rows import schedule_row
from api.schedules import change_schedule, delete_schedule, run_schedule, schedule_store
from api.services import services
from shared.datasets import DatasetStore
from shared.errors import LoupeError
from shared.schedules.record import Schedule
from shared.schemas.schedule import ScheduleChange
from shared.schemas.source import UPLOADED

blueprint = Blueprint("pages_schedule", __name__)


@blueprint.get("/schedules/<name>")
def schedule_page(name: str) -> Response:
    """Shows a schedule."""
    return _page(name)


@blueprint.post("/schedules/<name>/run")
def run(name: str) -> AnyResponse:
    """Runs it now; what stands against that is said in place."""
    try:
        run_schedule(services(), name)
    except LoupeError as error:
        if error.status >= 500 or error.status == 404:
            raise
        return _page(name, error)
    return _back(name)


@blueprint.post("/schedules/<name>/pause")
def pause(name: str) -> AnyResponse:
    """Has it not be due any more."""
    change_schedule(services(), name, ScheduleChange(paused=True))
    return _back(name)


@blueprint.post("/schedules/<name>/resume")
def resume(name: str) -> AnyResponse:
    """Has it be due again, from now on."""
    change_schedule(services(), name, ScheduleChange(paused=False))
    return _back(name)


@blueprint.get("/schedules/<name>/delete")
def ask(name: str) -> Response:
    """Asks whether it is to go."""
    return page("schedule_delete.html", schedule=schedule_store(services()).get(name))


@blueprint.post("/schedules/<name>/delete")
def delete(name: str) -> AnyResponse:
    """Deletes it."""
    delete_schedule(services(), name)
    return redirect("/schedules", 303)


def _back(name: str) -> AnyResponse:
    return redirect(f"/schedules/{name}", 303)


def _page(name: str, error: LoupeError | None = None) -> Response:
    known, now = services(), time.time()
    row = schedule_row(known, schedule_store(known).get(name), now)
    return page(
        "schedule.html",
        http_status=error.status if error else 200,
        refresh=EVERY_S if row.moving(now) and not error else None,
        row=row,
        schedule=row.schedule,
        source=_source(row.schedule),
        trouble=words.of_error(error) if error else None,
    )


def _source(schedule: Schedule) -> str:
    """Returns where each run finds its pictures, in a sentence."""
    asked, name = schedule.training.dataset, schedule.dataset
    newest = DatasetStore(services().storage).newest(name)
    if newest is None:
        return f"There is no dataset named {name} any more, so its runs fail."
    if asked != name:
        return f"It names the version {asked.partition('@')[2]} of {name}: every run trains on the same pictures."
    if newest.source["type"] in UPLOADED:
        return (
            f"{name} was uploaded, and uploads are not kept, so there is nothing to import again: a run trains on the"
            " newest version there is. Upload it again to give it fresh pictures."
        )
    return f"It imports {name} again from {source_words(newest.source)}. Test pictures stay on their side."
