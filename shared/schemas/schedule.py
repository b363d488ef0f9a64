"""Schedules as clients ask for them and see them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from shared.fetch.urls import redact
from shared.schedules.record import Outcome, Run, Schedule
from shared.schedules.timetable import check_timezone, tidy_cron
from shared.schemas.base import Answer, Name, Request, Time, rfc3339
from shared.schemas.training import TrainingRequest


def _tidy_cron(cron: str) -> str:
    try:
        return tidy_cron(cron)
    except ValueError as error:
        raise PydanticCustomError("cron", "{message}", {"message": str(error)}) from None


def _known_timezone(name: str) -> str:
    try:
        return check_timezone(name)
    except ValueError as error:
        raise PydanticCustomError("timezone", "{message}", {"message": str(error)}) from None


Cron = Annotated[
    str,
    StringConstraints(max_length=200),
    AfterValidator(_tidy_cron),
    Field(description="Minute, hour, day of month, month, day of week, as in `0 3 * * 1`; names and steps are taken."),
]
Timezone = Annotated[
    str,
    StringConstraints(max_length=100),
    AfterValidator(_known_timezone),
    Field(description="Where the hours of `cron` are told, as in `Europe/Paris`."),
]


SkipUnchanged = Annotated[
    bool,
    Field(description="Train nothing when the model's newest version has the same pictures and the same recipe."),
]
Training = Annotated[TrainingRequest, Field(description="As in `POST /api/v1/trainings`.")]


class ScheduleRequest(Request):
    """A training that is to be repeated."""

    name: Name
    cron: Cron
    timezone: Timezone = "UTC"
    skip_unchanged: SkipUnchanged = False
    training: Training


class ScheduleChange(Request):
    """What is to change; what is left out or null stays as it is."""

    paused: bool | None = Field(default=None, description="A paused schedule is not due, and catches nothing up later.")
    cron: Cron | None = None
    timezone: Timezone | None = None
    skip_unchanged: SkipUnchanged | None = None
    training: Training | None = None

    def changes(self) -> dict[str, Any]:
        """Returns the fields that are to change."""
        given = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in given.items() if value is not None}


class RunRequest(Request):
    """Running a schedule now takes nothing."""


class RunView(Answer):
    """One firing of a schedule."""

    at: Time
    due_at: Time | None = Field(description="The time it was due; null for one that was asked for.")
    outcome: Outcome | None = Field(
        description="`caught_up` ran late, because no scheduler was there; null while the run goes on."
    )
    detail: str | None
    import_job: str | None = Field(description="The job that imported the dataset again.")
    job: str | None = Field(description="The training.")
    dataset: str | None = Field(description="What was trained on, or would have been, as in `pets@3f2a00000000`.")
    added: int | None = Field(description="Pictures that are new since the version before.")
    removed: int | None = Field(description="Pictures of the version before that are gone.")
    version: int | None = Field(description="The model's version that came of it.")
    promoted: bool | None = Field(description="Whether that version was served by it.")
    links: dict[str, str] = Field(description="`import`, `job` and `version`, as far as they are there.")

    @classmethod
    def of(cls, run: Run, model: str) -> RunView:
        """Returns what clients see of a run that trains a model."""
        links = {
            "import": run.import_job and f"/api/v1/jobs/{run.import_job}",
            "job": run.job and f"/api/v1/jobs/{run.job}",
            "version": run.version and f"/api/v1/models/{model}/versions/{run.version}",
        }
        kept = run.model_dump(exclude={"late", "idempotency", "owner"})
        times = {"at": rfc3339(run.at), "due_at": rfc3339(run.due_at)}
        return cls.model_validate(kept | times | {"links": {name: link for name, link in links.items() if link}})


class ScheduleView(Answer):
    """A schedule with its last runs."""

    name: str
    cron: str
    timezone: str
    skip_unchanged: bool
    paused: bool
    training: dict[str, Any]
    created_at: Time
    next_run_at: Time | None = Field(description="Null while it is paused.")
    last_run_at: Time | None
    last_job: str | None = Field(description="The newest training it made; a run that is skipped leaves it.")
    runs: list[RunView] = Field(description="Newest first, the last 50.")
    links: dict[str, str]

    @classmethod
    def of(cls, schedule: Schedule, now: float) -> ScheduleView:
        """Returns what clients see of a schedule.

        Args:
            now: seconds since 1970.
        """
        path = f"/api/v1/schedules/{schedule.name}"
        following = schedule.next_run_at(now)
        return cls(
            name=schedule.name,
            cron=schedule.cron,
            timezone=schedule.timezone,
            skip_unchanged=schedule.skip_unchanged,
            paused=schedule.paused,
            training=_shown(schedule.training),
            created_at=rfc3339(schedule.created_at) or "",
            next_run_at=rfc3339(following),
            last_run_at=rfc3339(schedule.last_run_at),
            last_job=schedule.last_job,
            runs=[RunView.of(run, schedule.training.model) for run in schedule.runs],
            links={"self": path, "run": f"{path}/run"},
        )


def _shown(training: TrainingRequest) -> dict[str, Any]:
    """Returns a training as clients see it: credentials in its webhook's URL are hidden."""
    fields = training.model_dump(mode="json")
    return fields | {"webhook": {"url": redact(training.webhook.url)}} if training.webhook else fields


class SchedulePage(Answer):
    """One page of the schedules, by name."""

    items: list[ScheduleView]
    next_cursor: str | None
