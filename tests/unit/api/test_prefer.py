from __future__ import annotations

import threading
import time

import pytest
from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from api.prefer import preferred_wait
from shared.errors import HttpStatus, RedisUnavailable
from shared.jobs.model import Job
from tests.support.api_world import URL, ApiWorld


def wait_of(*values: str) -> int | None:
    headers = Headers([("Prefer", value) for value in values])
    return preferred_wait(Request(EnvironBuilder(headers=headers).get_environ()))


@pytest.mark.parametrize(
    ("values", "wait"),
    [
        ((), None),
        (("wait=5",), 5),
        (("WAIT = 5",), 5),
        (('wait="5"',), 5),
        (("respond-async, wait=5",), 5),
        (("wait=5; foo=bar",), 5),
        (("respond-async", "wait=5"), 5),
        (("wait=61",), 60),
        (("wait=999999999",), 60),
        (("wait=" + "9" * 5000,), 60),
        (("wait=" + "0" * 5000 + "5",), 5),
        (("wait=5, wait=9",), 5),
        (("wait=0",), 0),
        (("wait",), None),
        (("wait=-1",), None),
        (("wait=1.5",), None),
        (("wait=soon",), None),
        (("wait=٣",), None),
        (("waiting=5",), None),
    ],
)
def test_the_wish_to_wait_is_read_as_rfc_7240_says(values: tuple[str, ...], wait: int | None) -> None:
    if any(not value.isascii() for value in values):
        values = tuple(value.encode().decode("latin-1") for value in values)
    assert wait_of(*values) == wait


def test_the_answer_comes_as_soon_as_the_job_has_ended(api: ApiWorld) -> None:
    def work() -> None:
        while not (jobs := api.services.jobs.page().jobs):
            time.sleep(0.01)
        time.sleep(0.2)
        api.classify(jobs[0].id)

    worker = threading.Thread(target=work)
    worker.start()
    start = time.monotonic()

    answer = api.post(json={"url": URL}, headers={"Prefer": "wait=30"})

    worker.join()
    assert time.monotonic() - start < 5
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert "Retry-After" not in answer.headers
    assert answer.json is not None
    assert answer.headers["Location"] == answer.json["links"]["self"]
    assert answer.json["result"]["label"] == "cat"


def test_a_job_that_failed_meanwhile_is_a_200_too(api: ApiWorld) -> None:
    def work() -> None:
        while not (jobs := api.services.jobs.page().jobs):
            time.sleep(0.01)
        api.fail(jobs[0].id, HttpStatus("404"))

    worker = threading.Thread(target=work)
    worker.start()

    answer = api.post(json={"url": URL}, headers={"Prefer": "wait=30"})

    worker.join()
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["status"], answer.json["error"]["code"]) == ("failed", "http_status")


def test_after_the_wait_the_job_is_still_accepted(api: ApiWorld) -> None:
    start = time.monotonic()

    answer = api.post(json={"url": URL}, headers={"Prefer": "wait=1"})

    assert 1 <= time.monotonic() - start < 3
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "wait=1"
    assert "Retry-After" in answer.headers


def test_no_wait_is_no_wait(api: ApiWorld) -> None:
    answer = api.post(json={"url": URL}, headers={"Prefer": "wait=0"})

    assert answer.status_code == 202
    assert "Preference-Applied" not in answer.headers


def test_a_wait_outlives_the_budget_of_one_look(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.deadline.BUDGET_S", 0.3)

    assert api.post(json={"url": URL}, headers={"Prefer": "wait=2"}).status_code == 202


def test_when_redis_goes_away_in_a_wait_the_job_stays_accepted(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = api.services.jobs.get
    looks: list[str] = []

    def get(job_id: str) -> Job:
        looks.append(job_id)
        if len(looks) > 1:
            raise RedisUnavailable
        return whole(job_id)

    monkeypatch.setattr(api.services.jobs, "get", get)

    assert api.post(json={"url": URL}, headers={"Prefer": "wait=30"}).status_code == 202


def test_a_server_that_stops_keeps_nobody_waiting(api: ApiWorld) -> None:
    api.services.events.stopping = lambda: True

    assert api.post(json={"url": URL}, headers={"Prefer": "wait=30"}).status_code == 202


def test_a_look_at_a_job_waits_for_its_end_too(api: ApiWorld) -> None:
    job_id = api.single()
    worker = threading.Timer(0.3, api.classify, [job_id])
    worker.start()
    start = time.monotonic()

    answer = api.get(f"/api/v1/jobs/{job_id}", headers={"Prefer": "wait=30"})

    worker.join()
    assert 0.2 < time.monotonic() - start < 5
    assert answer.status_code == 200
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert answer.json is not None
    assert answer.json["status"] == "succeeded"


def test_a_look_that_waited_in_vain_shows_the_job_as_it_is(api: ApiWorld) -> None:
    path = f"/api/v1/jobs/{api.single()}"

    answer = api.get(path, headers={"Prefer": "wait=1"})

    assert (answer.status_code, answer.json and answer.json["status"]) == (200, "queued")
    assert "Preference-Applied" not in api.get(path).headers


def test_nobody_waits_for_a_job_that_is_not_there(api: ApiWorld) -> None:
    assert api.get("/api/v1/jobs/x", headers={"Prefer": "wait=30"}).status_code == 404
