"""Schedules through the API: made, shown, changed and deleted."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.jobs.model import Json
from shared.schedules.store import ScheduleStore
from tests.support.api_world import ApiWorld
from tests.support.schedule_calls import PATH, TRAINING, ask, patch, seconds, shown
from tests.support.schedule_world import VERSION, store_dataset


@pytest.fixture
def api(api: ApiWorld) -> ApiWorld:
    store_dataset(api.services.storage)
    return api


def test_a_schedule_shows_what_it_does_and_when(api: ApiWorld) -> None:
    answer = ask(api)

    assert (answer.status_code, answer.headers["Location"]) == (201, f"{PATH}/weekly")
    assert answer.json == shown(api)
    schedule = shown(api)
    assert (schedule["cron"], schedule["timezone"]) == ("0 3 * * 1", "Europe/Paris")
    assert (schedule["skip_unchanged"], schedule["paused"]) == (False, False)
    assert {name: schedule["training"][name] for name in TRAINING} == TRAINING
    assert (schedule["last_run_at"], schedule["last_job"], schedule["runs"]) == (None, None, [])
    following = datetime.fromisoformat(schedule["next_run_at"])
    assert schedule["next_run_at"].endswith("Z")
    assert (following.weekday(), following.hour in {1, 2}) == (0, True)
    assert 0 < following.timestamp() - time.time() <= 7 * 24 * 3600 + 3600
    assert schedule["links"] == {"self": f"{PATH}/weekly", "run": f"{PATH}/weekly/run"}


def test_schedules_are_listed_by_name(api: ApiWorld) -> None:
    for name in ("b", "c", "a"):
        assert ask(api, name=name).status_code == 201
    first = api.get(PATH, query_string={"limit": 2}).json
    assert first is not None
    assert [item["name"] for item in first["items"]] == ["a", "b"]
    second = api.get(PATH, query_string={"limit": 2, "cursor": first["next_cursor"]}).json
    assert second is not None
    assert ([item["name"] for item in second["items"]], second["next_cursor"]) == (["c"], None)


def test_time_is_utc_unless_somebody_says_otherwise(api: ApiWorld) -> None:
    api.post(PATH, json={"name": "weekly", "cron": "  30 4  * * * ", "training": TRAINING})
    assert (shown(api)["timezone"], shown(api)["cron"]) == ("UTC", "30 4 * * *")
    assert datetime.fromtimestamp(seconds(shown(api)["next_run_at"]), UTC).strftime("%H:%M") == "04:30"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"cron": "every monday"}, "cron", "Expected five fields, minute hour day-of-month month day-of-week"),
        ({"cron": "61 * * * *"}, "cron", "cron says: Bad minute, received '61 * * * *'"),
        ({"cron": "0 0 30 2 *"}, "cron", "cron says: Bad day-of-month"),
        ({"cron": 3}, "cron", "received 3"),
        ({"cron": "1," * 200 + "1 * * * *"}, "cron", "at most 200"),
        ({"timezone": "Europe/Atlantis"}, "timezone", "as in Europe/Paris or UTC, received 'Europe/Atlantis'"),
        ({"timezone": "../../etc/passwd"}, "timezone", "Expected the name of a time zone"),
        ({"name": "Weekly"}, "name", "received 'Weekly'"),
        ({"name": "a" * 65}, "name", "received"),
        ({"skip_unchanged": "yes"}, "skip_unchanged", "received 'yes'"),
        ({"paused": True}, "paused", "not known here"),
        ({"training": {}}, "training.dataset", "Field required"),
        ({"training": TRAINING | {"seed": -1}}, "training.seed", "received -1"),
        ({"training": TRAINING | {"recipe": "gone"}}, "training.recipe", "expected one of cats-dogs-64"),
        ({"training": TRAINING | {"params": {"epochs": 0}}}, "training.params.epochs", "received 0"),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: ApiWorld, changes: Json, field: str, message: str) -> None:
    answer = ask(api, **changes)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json is not None
    (error,) = [error for error in answer.json["errors"] if error["field"] == field]
    assert message in error["message"]
    assert api.get(PATH).json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_dataset_that_is_not_there_is_a_404_that_names_those_that_are(api: ApiWorld, method: str) -> None:
    ask(api)
    wrong = TRAINING | {"dataset": "birds"}
    answer = ask(api, name="other", training=wrong) if method == "POST" else patch(api, training=wrong)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (404, "dataset_not_found")
    assert "There are: pets." in answer.json["detail"]
    assert [error["field"] for error in answer.json["errors"]] == ["training.dataset"]


def test_a_name_is_taken_once(api: ApiWorld) -> None:
    ask(api)
    answer = ask(api, cron="1 1 * * *")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "schedule_exists")
    assert shown(api)["cron"] == "0 3 * * 1"


def test_a_paused_schedule_has_no_next_run(api: ApiWorld) -> None:
    ask(api)
    answer = patch(api, paused=True)
    assert answer.json is not None
    assert (answer.status_code, answer.json["paused"], answer.json["next_run_at"]) == (200, True, None)
    assert patch(api, paused=False).status_code == 200
    assert shown(api)["next_run_at"] is not None


def test_what_was_missed_in_a_pause_is_not_caught_up(api: ApiWorld) -> None:
    ask(api)
    store = ScheduleStore(api.redis, api.services.storage)
    seen = store.get("weekly")
    assert store.replace(seen, seen.with_(paused=True, dealt_until=0.0))
    patch(api, paused=False)
    assert time.time() - store.get("weekly").dealt_until < 60


@pytest.mark.parametrize("changes", [{"paused": False}, {"cron": "0 3 * * 1"}, {"skip_unchanged": True}])
def test_what_is_due_stays_due_when_its_times_do_not_change(api: ApiWorld, changes: Json) -> None:
    ask(api)
    store = ScheduleStore(api.redis, api.services.storage)
    seen = store.get("weekly")
    assert store.replace(seen, seen.with_(dealt_until=7.0))
    assert patch(api, **changes).status_code == 200
    assert store.get("weekly").dealt_until == 7.0


def test_a_change_leaves_the_rest_as_it_was(api: ApiWorld) -> None:
    ask(api, skip_unchanged=True)
    patch(api, cron="5 4 * * *", timezone="Asia/Tokyo", training=TRAINING | {"seed": 7})
    schedule = shown(api)
    assert (schedule["cron"], schedule["timezone"], schedule["skip_unchanged"]) == ("5 4 * * *", "Asia/Tokyo", True)
    assert (schedule["training"]["seed"], schedule["paused"]) == (7, False)
    assert datetime.fromtimestamp(seconds(schedule["next_run_at"]), UTC).strftime("%H:%M") == "19:05"
    assert patch(api).status_code == 200
    assert shown(api) == schedule


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cron": "x"}, "cron"),
        ({"paused": "no"}, "paused"),
        ({"name": "other"}, "name"),
        ({"timezone": ""}, "timezone"),
    ],
)
def test_a_change_that_is_wrong_changes_nothing(api: ApiWorld, changes: Json, field: str) -> None:
    ask(api)
    before = shown(api)
    answer = patch(api, **changes)
    assert answer.json is not None
    assert (answer.status_code, [error["field"] for error in answer.json["errors"]]) == (422, [field])
    assert shown(api) == before


def test_a_deleted_schedule_is_gone(api: ApiWorld) -> None:
    ask(api)
    assert api.open("DELETE", f"{PATH}/weekly").status_code == 204
    for method, path in [("GET", ""), ("DELETE", ""), ("PATCH", ""), ("POST", "/run")]:
        answer = api.open(method, f"{PATH}/weekly{path}", json={})
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (404, "schedule_not_found")


def test_a_dataset_that_a_schedule_trains_on_is_not_deleted(api: ApiWorld) -> None:
    ask(api, training=TRAINING | {"dataset": f"pets@{VERSION}"})
    answer = api.open("DELETE", "/api/v1/datasets/pets")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "in_use")
    assert "weekly" in answer.json["detail"]
    api.open("DELETE", f"{PATH}/weekly")
    assert api.open("DELETE", "/api/v1/datasets/pets").status_code == 204


def test_schedules_outlive_redis(api: ApiWorld) -> None:
    ask(api)
    before = shown(api)
    api.redis.flushall()
    assert shown(api) == before


def test_storage_that_does_not_answer_makes_no_schedule(api: ApiWorld) -> None:
    Path(api.services.storage.url, "schedules").write_bytes(b"")
    assert ask(api).status_code == 503
    Path(api.services.storage.url, "schedules").unlink()
    assert ask(api).status_code == 201
