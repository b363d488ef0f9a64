from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from api.resources.events import follow
from shared.errors import JobNotFound, RedisUnavailable
from shared.jobs.model import Job
from tests.support.api_world import ApiWorld


def parsed(event: str) -> tuple[str, dict[str, Any]]:
    name, data = event.strip().split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def test_a_job_that_has_ended_is_one_last_event(api: ApiWorld) -> None:
    job_id = api.single()
    api.classify(job_id)

    answer = api.get(f"/api/v1/jobs/{job_id}/events")

    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store"
    name, job = parsed(answer.text)
    assert (name, job["id"], job["status"]) == ("end", job_id, "succeeded")


def test_progress_comes_while_it_is_made_and_the_end_last(api: ApiWorld) -> None:
    job_id = api.training()
    events = follow(api.services, api.services.jobs.get(job_id))
    name, job = parsed(next(events))
    assert (name, job["status"]) == ("progress", "queued")

    api.units.claim(f"{job_id}:0", "token")
    api.units.progress(f"{job_id}:0", 1, {"epoch": 1, "epochs": 3})
    name, job = parsed(next(events))
    assert (name, job["status"], job["progress"]["epoch"]) == ("progress", "running", 1)

    threading.Timer(0.3, api.units.progress, (f"{job_id}:0", 1, {"epoch": 2})).start()
    assert parsed(next(events))[1]["progress"]["epoch"] == 2
    api.services.jobs.cancel(job_id)
    assert parsed(next(events))[1]["status"] == "canceling"
    events.close()  # type: ignore[attr-defined]


def test_a_quiet_job_is_kept_alive(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.resources.events.KEEP_ALIVE_S", 0.01)
    events = follow(api.services, api.services.jobs.get(api.single()))
    next(events)

    assert next(events).startswith(":")


def test_the_stream_outlives_a_redis_that_is_away(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = api.single()
    whole = api.services.jobs.get
    monkeypatch.setattr("api.resources.events.KEEP_ALIVE_S", 0.01)
    events = follow(api.services, whole(job_id))

    def away(_: str) -> Job:
        raise RedisUnavailable

    next(events)
    monkeypatch.setattr(api.services.jobs, "get", away)
    assert next(events).startswith(":")
    monkeypatch.setattr(api.services.jobs, "get", whole)
    api.classify(job_id)
    assert parsed(next(events))[0] == "end"


def test_the_stream_ends_with_a_job_that_is_gone_and_with_the_server(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = api.services.jobs.get(api.single())

    def gone(_: str) -> Job:
        raise JobNotFound

    events = follow(api.services, job)
    next(events)
    api.services.events.stopping = lambda: True
    assert list(events) == []
    monkeypatch.setattr(api.services.jobs, "get", gone)
    assert list(follow(api.services, job)) == []


def test_an_unknown_job_has_no_events(api: ApiWorld) -> None:
    assert api.get("/api/v1/jobs/x/events").status_code == 404
