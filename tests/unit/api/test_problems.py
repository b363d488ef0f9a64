from __future__ import annotations

import logging

import pytest
from redis.exceptions import BusyLoadingError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError

from api.problems import translate
from shared import errors
from tests.support.api_world import ApiWorld

FIELDS = {"type", "title", "status", "detail", "code", "errors"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/jobs/", 404, "not_found"),
        ("PUT", "/api/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/api/v1/classifications", 405, "method_not_allowed"),
        ("BREW", "/api/v1/jobs", 405, "method_not_allowed"),
        ("POST", "/api/v1/classifications", 415, "unsupported_media_type"),
        ("GET", "/api/v1/jobs?nothing=1", 422, "invalid_request"),
    ],
)
def test_every_error_is_a_problem(api: ApiWorld, method: str, path: str, status: int, code: str) -> None:
    answer = api.open(method, path)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert set(answer.json) == FIELDS
    assert answer.json["status"] == status
    assert answer.json["code"] == code
    assert answer.json["type"] == f"/docs#{code}"


def test_a_wrong_method_is_answered_with_those_that_fit(api: ApiWorld) -> None:
    answer = api.open("DELETE", "/api/v1/jobs")

    assert {"GET", "HEAD", "OPTIONS"} == set(answer.headers["Allow"].split(", "))


def test_head_and_options_are_answered_without_a_body(api: ApiWorld) -> None:
    assert api.open("HEAD", "/api/v1/jobs").status_code == 200
    assert api.open("HEAD", "/api/v1/jobs").data == b""
    options = api.open("OPTIONS", "/api/v1/classifications")
    assert options.status_code == 200
    assert "POST" in options.headers["Allow"]


def test_a_fault_is_logged_and_not_shown(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fault(**_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(api.services.jobs, "page", fault)

    with caplog.at_level(logging.ERROR):
        answer = api.get("/api/v1/jobs")

    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["code"] == "internal"
    assert "secret" not in answer.text
    assert "a secret" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        RedisConnectionError("gone"),
        BusyLoadingError("loading"),
        ResponseError("MISCONF disk"),
    ],
)
def test_whatever_says_that_redis_is_away_is_a_503_to_try_again(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(**_: object) -> None:
        raise error

    monkeypatch.setattr(api.services.jobs, "page", away)

    answer = api.get("/api/v1/jobs")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["code"] == "redis_unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def test_a_wrong_command_is_not_redis_being_away() -> None:
    assert translate(ResponseError("WRONGTYPE")).code == "internal"


def test_a_full_queue_says_when_to_try_again(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise errors.QueueFull("7 items are waiting")

    monkeypatch.setattr(api.services.jobs, "create", full)

    answer = api.post(json={"url": "http://example.org"})

    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


def test_people_get_a_page_and_programs_a_problem(api: ApiWorld) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    assert api.get("/nowhere", headers=browser).mimetype == "text/html"
    assert api.get("/api/v1/jobs/x", headers=browser).mimetype == "application/problem+json"
    assert api.get("/nowhere", headers={"Accept": "*/*"}).mimetype == "application/problem+json"


def test_letters_that_utf8_cannot_hold_do_not_break_the_answer(api: ApiWorld) -> None:
    answer = api.post(data=b'{"items": [{"\\ud800": 1, "url": "\\udfff"}]}', content_type="application/json")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]
