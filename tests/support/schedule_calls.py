"""What tests ask of schedules through the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from werkzeug.test import TestResponse

from shared.jobs.model import Json, Kind, Outcome, Status
from shared.schedules.runs import Runs
from shared.schedules.store import ScheduleStore
from tests.support.api_world import ApiWorld
from tests.support.schedule_world import VERSION

PATH = "/api/v1/schedules"
TRAINING = {"dataset": "pets", "recipe": "cats-dogs-64", "model": "pets"}


def ask(api: ApiWorld, **changes: Any) -> TestResponse:
    body = {"name": "weekly", "cron": "0 3 * * 1", "timezone": "Europe/Paris", "training": TRAINING}
    return api.post(PATH, json=body | changes)


def shown(api: ApiWorld, name: str = "weekly") -> Json:
    answer = api.get(f"{PATH}/{name}")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def patch(api: ApiWorld, **changes: Any) -> TestResponse:
    return api.open("PATCH", f"{PATH}/weekly", json=changes)


def seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def go_on(api: ApiWorld) -> None:
    """Takes the schedule's run further, as the scheduler does."""
    known = api.services
    store = ScheduleStore(known.redis, known.storage)
    Runs(known.settings, known.redis, known.storage, known.jobs, known.jobs.create).advance(store.get("weekly"))


def end(api: ApiWorld, kind: Kind, result: Json, status: Status = Status.SUCCEEDED) -> str:
    """Ends the one job of a kind that waits, as the trainer does."""
    (job,) = api.services.jobs.page(kind=kind, status=Status.QUEUED).jobs
    assert api.units.claim(f"{job.id}:0", "token") is not None
    api.units.finish(f"{job.id}:0", 1, Outcome(done=0, status=status, result=result))
    return job.id


def imported(api: ApiWorld) -> None:
    found = {"dataset": {"name": "pets", "version": VERSION}, "created": False, "report": {"added": 2, "removed": 1}}
    end(api, Kind.IMPORT, found)
    go_on(api)
