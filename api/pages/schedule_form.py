"""The form of a schedule: its fields with what was entered, the times they mean, and the request that they make."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from api.pages.inputs import Input, sent, shown, trouble_of, with_texts
from api.pages.schedule_rows import MOST_SLOTS
from api.pages.train_form import TrainForm, train_form
from api.pages.train_form import asked as asked_training
from api.pages.webhook_field import webhook_field
from api.pages.words import Trouble
from shared.datasets import DatasetManifest
from shared.errors import FieldError, InvalidRequest, LoupeError
from shared.fetch.urls import redact
from shared.jobs.model import Json
from shared.recipes import Recipe
from shared.schedules.record import Schedule
from shared.schedules.timetable import Timetable, check_timezone, tidy_cron

# How the API names the fields of the training, which have no prefix in a form.
TRAINING = "training."
NAME = Input("name", "Name", "Small letters, digits, - and _, as in `weekly`.")
CRON = Input(
    "cron",
    "Times",
    "Minute, hour, day of month, month, day of week. `0 3 * * 1` is Mondays at 3:00, `*/30 * * * *` every half hour.",
    value="0 3 * * 1",
)
TIMEZONE = Input(
    "timezone", "Time zone", "Whose hours these are, as in `Europe/Paris`.", value="UTC", suggestions="zones"
)
SKIP_UNCHANGED = Input(
    "skip_unchanged",
    "Train nothing when nothing has changed",
    "When the model's newest version has the same pictures and the same recipe.",
    "check",
)
FROM = "Imported again before each run. What was uploaded is not kept and is trained on as it is."


@dataclass(frozen=True)
class Preview:
    """The next times that cron and zone mean, in seconds since 1970, or what is wrong with them."""

    slots: Sequence[float]
    timezone: str
    wrong: str = ""


@dataclass(frozen=True)
class ScheduleForm:
    """The form as it is drawn; `trouble` is what was wrong with what was sent."""

    name: Input
    cron: Input
    timezone: Input
    skip_unchanged: Input
    preview: Preview
    training: TrainForm
    trouble: Trouble | None


def schedule_form(
    recipe: Recipe, datasets: Sequence[DatasetManifest], entered: Mapping[str, str], error: LoupeError | None = None
) -> ScheduleForm:
    """Returns the form for one recipe.

    Args:
        datasets: the newest version of each.
        entered: texts by field; the others stand at their defaults.
    """
    error = _without_prefix(error) if error else None
    fields = [with_texts(field, entered, error) for field in (NAME, CRON, TIMEZONE, SKIP_UNCHANGED)]
    name, cron, timezone, skip_unchanged = fields
    training = train_form(recipe, datasets, entered, error, webhook_field())
    training = replace(training, dataset=replace(training.dataset, help=FROM), trouble=None)
    parts = [training.dataset, training.model, *training.params, *training.options, *training.gate]
    preview = preview_of(cron.value, timezone.value)
    if cron.wrong or timezone.wrong:
        # It stands below its field already.
        preview = replace(preview, wrong="")
    return ScheduleForm(name, cron, timezone, skip_unchanged, preview, training, trouble_of(error, [*fields, *parts]))


def preview_of(cron: str, timezone: str) -> Preview:
    """Returns the next times that a cron expression means in a zone."""
    wrong = check_times(cron, timezone)
    if wrong:
        return Preview((), "UTC", " ".join(f"{field.message}." for field in wrong))
    slots = Timetable(tidy_cron(cron), timezone).slots_after(time.time())
    return Preview(list(islice(slots, MOST_SLOTS)), timezone)


def check_times(cron: str, timezone: str) -> list[FieldError]:
    """Returns what is wrong with a cron expression and a zone."""
    wrong = []
    for name, check, value in (("cron", tidy_cron, cron), ("timezone", check_timezone, timezone)):
        try:
            check(value)
        except ValueError as error:
            wrong.append(FieldError(name, str(error)))
    return wrong


def asked(recipe: Recipe, form: Mapping[str, str]) -> Json:
    """Returns what the form's texts ask for, without the name, for the API's own schema to judge."""
    return {
        "cron": sent(form, "cron"),
        "timezone": sent(form, "timezone"),
        "skip_unchanged": sent(form, "skip_unchanged") == "on",
        "training": asked_training(recipe, form),
    }


def texts_of(schedule: Schedule) -> dict[str, str]:
    """Returns the form's texts that ask for what a schedule does."""
    training = schedule.training
    values: Json = {
        "cron": schedule.cron,
        "timezone": schedule.timezone,
        "skip_unchanged": "on" if schedule.skip_unchanged else "",
        "recipe": training.recipe,
        "dataset": training.dataset,
        "model": training.model,
        "balance": training.balance,
        "seed": training.seed,
        "promote": training.promote,
        "webhook": redact(training.webhook.url) if training.webhook else None,
    }
    values |= {f"gate.{name}": value for name, value in training.gate.model_dump().items()}
    values |= {f"params.{name}": value for name, value in training.params.items()}
    texts = {name: str(value).lower() if isinstance(value, bool) else shown(value) for name, value in values.items()}
    # What was left to the recipe is left to it again.
    return {name: text for name, text in texts.items() if values[name] is not None}


def _without_prefix(error: LoupeError) -> LoupeError:
    fields = tuple(FieldError(field.field.removeprefix(TRAINING), field.message) for field in error.errors)
    return type(error)(error.message, fields)


def refused_times(form: Mapping[str, str]) -> InvalidRequest | None:
    """Returns what is wrong with the times that were sent, if anything is."""
    wrong = check_times(sent(form, "cron"), sent(form, "timezone"))
    return InvalidRequest("The times are not right.", tuple(wrong)) if wrong else None
