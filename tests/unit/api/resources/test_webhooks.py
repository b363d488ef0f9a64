"""Webhooks in requests and in what the API shows of a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.access import Scope
from shared.errors import ConnectFailed, ItemError
from shared.jobs.record import job_of
from shared.jobs.webhooks import Try, WebhookStore
from shared.schedules.store import ScheduleStore
from shared.schemas.webhook import WebhookRequest
from tests.support.access import add_key, bearer
from tests.support.api_world import URL, ApiWorld
from tests.support.receiver import SECRET
from tests.support.schedule_world import store_dataset
from tests.unit.api.conftest import MakeApi

HOOK = "http://user:secret@127.0.0.1:9/hook"
SIGNING = {"webhook_secret": SECRET, "fetch_allow": (ip_network("127.0.0.0/8"),)}
SHOWN = "http://***@127.0.0.1:9/hook"
TRAINING = {"dataset": "pets", "recipe": "cats-dogs-64", "model": "pets"}
SCHEDULE = {"name": "weekly", "cron": "0 3 * * 1", "training": TRAINING | {"webhook": {"url": HOOK}}}


@pytest.fixture
def api(make_api: MakeApi) -> ApiWorld:
    """An API that signs webhooks and reaches loopback."""
    world = make_api(**SIGNING)
    world.publish()
    store_dataset(world.services.storage)
    return world


def picture() -> tuple[BytesIO, str]:
    return BytesIO(b"\x89PNG\r\n\x1a\n"), "cat.png"


def as_json(api: ApiWorld, url: str) -> TestResponse:
    return api.post(json={"url": URL, "webhook": {"url": url}})


def as_list(api: ApiWorld, url: str) -> TestResponse:
    return api.post(json={"urls": [URL, URL], "webhook": {"url": url}})


def as_form(api: ApiWorld, url: str) -> TestResponse:
    return api.post(data={"file": picture(), "webhook": json.dumps({"url": url})})


def as_plain_form(api: ApiWorld, url: str) -> TestResponse:
    return api.post(data={"file": picture(), "webhook": url})


def as_text(api: ApiWorld, url: str) -> TestResponse:
    return api.post("/api/v1/classifications", query_string={"webhook": url}, data=URL, content_type="text/plain")


def as_training(api: ApiWorld, url: str) -> TestResponse:
    return api.post("/api/v1/trainings", json=TRAINING | {"webhook": {"url": url}})


WAYS = [as_json, as_list, as_form, as_plain_form, as_text, as_training]
Ask = Callable[[ApiWorld, str], TestResponse]


def body(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


@pytest.mark.parametrize("ask", WAYS)
def test_every_way_of_asking_takes_a_webhook_and_hides_its_password(api: ApiWorld, ask: Ask) -> None:
    answer = ask(api, HOOK)
    assert answer.status_code == 202, answer.text
    assert body(answer)["webhook"] == {"url": SHOWN, "attempts": []}
    assert api.services.jobs.get(body(answer)["id"]).spec["webhook"] == HOOK


@pytest.mark.parametrize("ask", WAYS)
def test_a_private_address_is_refused_and_nothing_is_created(api: ApiWorld, ask: Ask) -> None:
    answer = ask(api, "http://10.0.0.1/hook")
    assert (answer.status_code, body(answer)["code"]) == (422, "webhook_not_allowed")
    assert [error["field"] for error in body(answer)["errors"]] == ["webhook.url"]
    assert "private network" in body(answer)["detail"]
    assert api.services.jobs.page().jobs == []
    assert api.services.storage.names("jobs") == []


@pytest.mark.parametrize("ask", WAYS)
def test_without_a_secret_it_is_refused(make_api: MakeApi, ask: Ask) -> None:
    api = make_api()
    api.publish()
    store_dataset(api.services.storage)
    answer = ask(api, "https://93.184.216.34/hook")
    assert (answer.status_code, body(answer)["code"]) == (422, "webhook_not_allowed")
    assert "LOUPE_WEBHOOK_SECRET" in body(answer)["detail"]
    assert api.services.jobs.page().jobs == []


@pytest.mark.parametrize(
    ("webhook", "field"),
    [
        ("http://127.0.0.1/", "webhook"),
        ({}, "webhook.url"),
        ({"url": ""}, "webhook.url"),
        ({"url": 3}, "webhook.url"),
        ({"url": "x" * 8193}, "webhook.url"),
        ({"url": HOOK, "secret": "x"}, "webhook.secret"),
        ([HOOK], "webhook"),
    ],
)
def test_a_webhook_of_another_form_is_named(api: ApiWorld, webhook: object, field: str) -> None:
    for answer in (
        api.post(json={"url": URL, "webhook": webhook}),
        api.post("/api/v1/trainings", json=TRAINING | {"webhook": webhook}),
    ):
        assert answer.status_code == 422
        assert [error["field"] for error in body(answer)["errors"]] == [field]


def test_a_form_s_webhook_that_is_broken_json_is_named(api: ApiWorld) -> None:
    answer = api.post(data={"file": picture(), "webhook": '{"url":'})
    assert (answer.status_code, body(answer)["errors"][0]["field"]) == (422, "webhook")


def test_a_dry_run_says_what_would_be_refused(api: ApiWorld) -> None:
    answer = api.post("/api/v1/classifications?check=1", json={"url": URL, "webhook": {"url": "http://10.0.0.1/"}})
    assert body(answer)["accepted"] is False
    assert [problem["code"] for problem in body(answer)["problems"]] == ["webhook_not_allowed"]


def test_a_job_without_one_says_null(api: ApiWorld) -> None:
    assert body(api.post(json={"url": URL}))["webhook"] is None


def test_a_schedule_hands_its_webhook_on_and_shows_it_without_its_password(api: ApiWorld) -> None:
    answer = api.post("/api/v1/schedules", json=SCHEDULE)
    assert answer.status_code == 201, answer.text
    assert body(answer)["training"]["webhook"] == {"url": SHOWN}
    assert "secret" not in api.get("/api/v1/schedules").text


def test_a_schedule_sent_back_as_it_was_shown_keeps_its_webhook_s_password(api: ApiWorld) -> None:
    shown = body(api.post("/api/v1/schedules", json=SCHEDULE))["training"]
    answer = api.open("PATCH", "/api/v1/schedules/weekly", json={"training": shown | {"seed": 3}})

    assert (answer.status_code, body(answer)["training"]["seed"]) == (200, 3)
    kept = ScheduleStore(api.services.redis, api.services.storage).get("weekly").training.webhook
    assert kept == WebhookRequest(url=HOOK)
    # Another schedule has no password to keep.
    answer = api.post("/api/v1/schedules", json=SCHEDULE | {"name": "other", "training": shown})
    assert (answer.status_code, body(answer)["errors"][0]["field"]) == (422, "training.webhook.url")


def test_no_page_of_a_schedule_shows_its_webhook_s_password(api: ApiWorld) -> None:
    api.post("/api/v1/schedules", json=SCHEDULE)

    for path in ("/schedules", "/schedules/weekly", "/schedules/weekly/edit", "/schedules/weekly/delete"):
        page = api.get(path)
        assert (page.status_code, "secret" in page.text) == (200, False), path


def test_a_schedule_with_a_private_webhook_is_refused(api: ApiWorld) -> None:
    asked = SCHEDULE | {"training": TRAINING | {"webhook": {"url": "http://10.0.0.1/"}}}
    answer = api.post("/api/v1/schedules", json=asked)
    assert (answer.status_code, body(answer)["code"]) == (422, "webhook_not_allowed")
    assert [error["field"] for error in body(answer)["errors"]] == ["training.webhook.url"]


def test_a_retry_is_told_of_too(api: ApiWorld) -> None:
    job_id = body(as_json(api, HOOK))["id"]
    api.fail(job_id, ItemError("broken"))
    again = api.post(f"/api/v1/jobs/{job_id}/retry")
    assert body(again)["webhook"] == {"url": SHOWN, "attempts": []}


def test_a_job_shows_each_try(api: ApiWorld) -> None:
    job_id = body(as_json(api, HOOK))["id"]
    api.classify(job_id)
    store = WebhookStore(api.redis)
    event = store.claim("token")
    assert event is not None
    error = {"code": "http_status", "message": "The receiver answered 500."}
    assert store.tried(Try(event, 1_700_000_000.0, 0.25, 500, error, 1_700_000_010.0))
    (made,) = body(api.get(f"/api/v1/jobs/{job_id}"))["webhook"]["attempts"]
    assert made == {
        "id": f"msg_{job_id}",
        "type": "job.succeeded",
        "attempt": 1,
        "at": "2023-11-14T22:13:20.000Z",
        "duration_ms": 250.0,
        "status": 500,
        "error": error,
        "next_attempt_at": "2023-11-14T22:13:30.000Z",
    }
    assert [job["webhook"]["url"] for job in body(api.get("/api/v1/jobs"))["items"]] == [SHOWN]


def test_it_can_be_told_again_once_the_job_has_ended(api: ApiWorld) -> None:
    job_id = body(as_json(api, HOOK))["id"]
    path = f"/api/v1/jobs/{job_id}/webhook"
    assert (api.post(path).status_code, body(api.post(path))["code"]) == (409, "job_not_finished")
    api.classify(job_id)
    store = WebhookStore(api.redis)
    first = store.claim("first")
    assert first is not None
    assert store.tried(Try(first, 1_700_000_000.0, 0.25, 200, None, None))
    assert store.claim("none") is None
    answer = api.post(path, json={})
    assert (answer.status_code, body(answer)["id"]) == (202, job_id)
    again = store.claim("second")
    assert again is not None
    assert (again.id, again.at) == (first.id, first.at)
    assert job_of(again.content) == job_of(first.content)


def test_telling_again_errors(api: ApiWorld) -> None:
    without = body(api.post(json={"url": URL}))["id"]
    assert body(api.post(f"/api/v1/jobs/{without}/webhook"))["code"] == "no_webhook"
    assert api.post("/api/v1/jobs/none/webhook").status_code == 404
    assert api.post(f"/api/v1/jobs/{without}/webhook", json={"x": 1}).status_code == 422


@pytest.mark.parametrize(("name", "told"), [("ann", True), ("bob", False), ("root", True)])
def test_a_retry_by_somebody_else_does_not_tell_the_owner_s_webhook(
    make_api: MakeApi, tmp_path: Path, name: str, told: bool
) -> None:
    scopes = {"ann": Scope.CLASSIFY, "bob": Scope.TRAIN, "root": Scope.ADMIN}
    keys = {who: bearer(add_key(tmp_path / "keys.json", who, scope)) for who, scope in scopes.items()}
    api = make_api(**SIGNING, api_keys_file=tmp_path / "keys.json")
    api.publish()
    job = body(api.post(json={"url": URL, "webhook": {"url": HOOK}}, headers=keys["ann"]))["id"]
    api.fail(job, ConnectFailed("It was away."))

    again = body(api.post(f"/api/v1/jobs/{job}/retry", headers=keys[name]))

    assert again["owner"] == name
    assert (again["webhook"] is not None) == told
