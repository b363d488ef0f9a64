"""The pages that make a schedule and change one: the form of a training with times above it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.bodies import validate
from api.pages.inputs import sent
from api.pages.render import page
from api.pages.schedule_form import asked, refused_times, schedule_form, texts_of
from api.pages.train import DEFAULT_RECIPE, newest_datasets
from api.schedules import change_schedule, make_schedule, schedule_store
from api.services import services
from shared.errors import LoupeError
from shared.fetch.urls import redact
from shared.jobs.model import Json
from shared.recipes import Recipe, recipe, recipe_names
from shared.schedules.record import Schedule
from shared.schedules.timetable import timezone_names
from shared.schemas.schedule import ScheduleChange, ScheduleRequest

blueprint = Blueprint("pages_schedule_edit", __name__)
# What is kept when another recipe is chosen, and what a link or the script may bring.
PREFILLED = ("name", "cron", "timezone", "skip_unchanged", "dataset", "model")


@blueprint.get("/train/schedule")
def new() -> Response:
    """Shows the form of a new schedule, for the recipe that the query names."""
    return _page(_chosen(request.args.get("recipe", ""), DEFAULT_RECIPE), _prefilled())


@blueprint.post("/train/schedule")
def make() -> AnyResponse:
    """Makes a schedule. What is wrong with it is said beside its field; otherwise its page follows."""
    chosen = recipe(request.form.get("recipe", ""))
    if request.form.get("by") == "preview":
        return _page(chosen, request.form, refused_times(request.form))
    body = {"name": sent(request.form, "name")} | asked(chosen, request.form)
    try:
        made = make_schedule(services(), validate(ScheduleRequest, body))
    except LoupeError as error:
        if error.status >= 500:
            raise
        return _page(chosen, request.form, error)
    return redirect(f"/schedules/{made.name}", 303)


@blueprint.get("/schedules/<name>/edit")
def edit(name: str) -> Response:
    """Shows the form with what a schedule does now."""
    schedule = schedule_store(services()).get(name)
    chosen = _chosen(request.args.get("recipe", ""), schedule.training.recipe)
    return _page(chosen, texts_of(schedule) | _prefilled(), schedule=schedule)


@blueprint.post("/schedules/<name>/edit")
def change(name: str) -> AnyResponse:
    """Changes a schedule; otherwise as `make`."""
    schedule = schedule_store(services()).get(name)
    chosen = recipe(request.form.get("recipe", ""))
    if request.form.get("by") == "preview":
        return _page(chosen, request.form, refused_times(request.form), schedule)
    try:
        change_schedule(services(), name, validate(ScheduleChange, _changes(chosen, schedule)))
    except LoupeError as error:
        if error.status >= 500:
            raise
        return _page(chosen, request.form, error, schedule)
    return redirect(f"/schedules/{name}", 303)


def _changes(chosen: Recipe, schedule: Schedule) -> Json:
    """Returns what the form asks for; what it has no field for stays as it was."""
    body = asked(chosen, request.form)
    training, webhook = body["training"], schedule.training.webhook
    if webhook and sent(request.form, "webhook") == redact(webhook.url):
        # As it was shown, without its credentials.
        training["webhook"] = {"url": webhook.url}
    asked_for = {"balance", "params", "gate", *training} | ({"webhook"} if "webhook" in request.form else set())
    kept = schedule.training.model_dump(mode="json", exclude=asked_for)
    return body | {"training": kept | training}


def _chosen(wanted: str, otherwise: str) -> Recipe:
    # A schedule may name a recipe of another release.
    return recipe(next(name for name in (wanted, otherwise, DEFAULT_RECIPE) if name in recipe_names()))


def _prefilled() -> dict[str, str]:
    return {key: request.args[key] for key in PREFILLED if request.args.get(key)}


def _page(
    chosen: Recipe, entered: Mapping[str, str], error: LoupeError | None = None, schedule: Schedule | None = None
) -> Response:
    datasets = newest_datasets()
    return page(
        "schedule_form.html",
        http_status=error.status if error else 200,
        name=schedule.name if schedule else "",
        path=f"/schedules/{schedule.name}/edit" if schedule else "/train/schedule",
        recipes=[recipe(name) for name in recipe_names()],
        kept={key: entered[key] for key in PREFILLED if entered.get(key)},
        chosen=chosen,
        form=schedule_form(chosen, datasets, entered, error) if datasets else None,
        zones=timezone_names(),
    )
