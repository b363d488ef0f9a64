"""Makes, changes and runs schedules: the one way for the JSON API and the pages."""

from __future__ import annotations

import time
from collections.abc import Callable

from api.access import audit
from api.access.caller import caller
from api.idempotency import fingerprint, replay
from api.services import Services
from api.webhooks import with_credentials
from shared.datasets import DatasetStore
from shared.errors import (
    FieldError,
    JobExpired,
    JobNotFinished,
    JobNotFound,
    LoupeError,
    QueueFull,
    ScheduleCannotRun,
)
from shared.ids import new_id
from shared.jobs.model import Idempotency
from shared.jobs.store import Created
from shared.schedules.outcome import ended_by
from shared.schedules.record import Run, Schedule
from shared.schedules.runs import Runs
from shared.schedules.store import ScheduleStore
from shared.schemas.schedule import ScheduleChange, ScheduleRequest, ScheduleView
from shared.schemas.training import TrainingRequest
from shared.trainings import training_job


def schedule_store(services: Services) -> ScheduleStore:
    """Returns all schedules."""
    return ScheduleStore(services.redis, services.storage)


def as_of_now(services: Services, schedule: Schedule) -> Schedule:
    """Returns a schedule as it is now: its training may have ended since the scheduler last looked."""
    run = schedule.under_way
    if run is None or run.job is None:
        return schedule
    try:
        return schedule.gone_on(ended_by(run, services.jobs.get(run.job)))
    except (JobNotFound, JobExpired):
        # The scheduler is about to make it, or to note that it is gone.
        return schedule


def made_by(services: Services, job_id: str) -> str | None:
    """Returns the name of the schedule among whose runs a job is, None if there is none."""
    found = (
        schedule.name
        for schedule in schedule_store(services).all()
        if any(job_id in (run.import_job, run.job) for run in schedule.runs)
    )
    return next(found, None)


def schedule_view(services: Services, schedule: Schedule) -> ScheduleView:
    """Returns what clients see of a schedule."""
    return ScheduleView.of(as_of_now(services, schedule), time.time())


def make_schedule(services: Services, asked: ScheduleRequest) -> Schedule:
    """Keeps a new schedule; slots count from now.

    Raises:
        ScheduleExists: the name is taken.
        LoupeError: its training could not be asked for now; see `training_job`.
    """
    _check(services, asked.training)
    now = time.time()
    given = {name: getattr(asked, name) for name in type(asked).model_fields}
    schedule = Schedule(id=new_id(), created_at=now, dealt_until=now, **given)
    schedule_store(services).create(schedule)
    audit.note(schedule=schedule.name)
    return schedule


def change_schedule(services: Services, name: str, asked: ScheduleChange) -> Schedule:
    """Changes a schedule. Slots count from now where it was paused or had others.

    A training that is sent back as it was shown keeps the credentials of its webhook, which are never shown.

    Raises:
        ScheduleNotFound: there is none of that name.
        LoupeError: its training could not be asked for now; see `training_job`.
    """
    store = schedule_store(services)
    if asked.training is not None:
        webhook = with_credentials(asked.training.webhook, store.get(name).training.webhook)
        training = asked.training.model_copy(update={"webhook": webhook})
        _check(services, training)
        asked = asked.model_copy(update={"training": training})

    def change(seen: Schedule) -> Schedule | None:
        changed = seen.with_(**asked.changes())
        if (changed.paused, changed.timetable) != (seen.paused, seen.timetable):
            changed = changed.with_(dealt_until=time.time())
        return store.replace(seen, changed)

    return _insist(store, name, change)


def delete_schedule(services: Services, name: str) -> None:
    """Deletes a schedule. A training that it made goes on.

    Raises:
        ScheduleNotFound: there is none of that name.
    """
    store = schedule_store(services)
    _insist(store, name, lambda seen: seen if store.delete(seen) else None)


def run_schedule(services: Services, name: str, key: str | None = None) -> Created:
    """Begins a run now, and returns the job it begins with. Its jobs belong to who asks.

    Args:
        key: from `idempotency_key()`; None for a request that is not to be recognised when it comes again.

    Raises:
        ScheduleNotFound: there is none of that name.
        JobNotFinished: the run before goes on; this one is noted as skipped.
        ScheduleCannotRun: there is nothing to train on, or nothing new; the run is noted with the reason.
        QueueFull: as for every job; the run is noted as failed.
    """
    idempotency = Idempotency(key, fingerprint({})) if key else None
    earlier = replay(services, idempotency)
    if earlier:
        return earlier
    asking = caller()
    owner = asking.name if asking else None
    store, runs, now = schedule_store(services), _runs(services), time.time()

    def begin(seen: Schedule) -> Schedule | None:
        # The last run's training may have ended since the scheduler last looked.
        seen = runs.advance(seen)
        return seen if _goes_on(seen, idempotency) else runs.begin(seen, now, idempotency=idempotency, owner=owner)

    begun = _insist(store, name, begin)
    run = _goes_on(begun, idempotency) or begun.runs[0]
    if run.outcome == "skipped_overlap":
        raise JobNotFinished(f"{run.detail} Wait for its end, or cancel it.")
    if run.outcome is not None:
        raise ScheduleCannotRun(run.detail or "")
    try:
        runs.advance(begun)
    except QueueFull as error:
        store.replace(begun, begun.gone_on(run.ended("failed", error.message)))
        raise
    return Created(services.jobs.get(str(run.first_job)), replayed=run.at != now)


def _goes_on(schedule: Schedule, idempotency: Idempotency | None) -> Run | None:
    """Returns the run under way if the same request asked for it, sent twice at the same time."""
    run = schedule.under_way
    return run if run is not None and idempotency is not None and run.idempotency == idempotency else None


def _runs(services: Services) -> Runs:
    return Runs(services.settings, services.redis, services.storage, services.jobs, services.jobs.create)


def _insist(store: ScheduleStore, name: str, change: Callable[[Schedule], Schedule | None]) -> Schedule:
    """Changes a schedule, again if the scheduler did at the same time."""
    while True:
        changed = change(store.get(name))
        if changed is not None:
            return changed


def _check(services: Services, asked: TrainingRequest) -> None:
    """Refuses what would be refused as a training now."""
    try:
        services.check_webhook(asked.webhook)
        training_job(services.settings, DatasetStore(services.storage), asked, job_id=new_id())
    except LoupeError as error:
        wrong = tuple(FieldError(f"training.{field.field}", field.message) for field in error.errors)
        raise type(error)(error.message, wrong) from None
