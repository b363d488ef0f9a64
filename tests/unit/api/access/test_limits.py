"""How much a key may ask for."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from redis import Redis

from tests.support.access import add_key, bearer
from tests.support.api_world import URL, ApiWorld
from tests.support.archives import zipped
from tests.support.redis_server import RedisServer
from tests.unit.api.conftest import MakeApi


def keyed_api(make_api: MakeApi, tmp_path: Path, **options: int) -> tuple[ApiWorld, dict[str, str], dict[str, str]]:
    """Returns a Loupe and the headers of two keys."""
    path = tmp_path / "keys.json"
    ann, ben = bearer(add_key(path, "ann", "classify")), bearer(add_key(path, "ben", "classify"))
    api = make_api(api_keys_file=path, **options)
    api.publish()
    return api, ann, ben


def test_a_key_that_asks_too_often_is_told_when_to_ask_again(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, ben = keyed_api(make_api, tmp_path, rate_limit=3)
    statuses = [api.get("/api/v1/recipes", headers=ann).status_code for _ in range(3)]
    answer = api.get("/api/v1/recipes", headers=ann)

    assert statuses == [200] * 3
    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["code"] == "rate_limited"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert api.get("/api/v1/recipes", headers=ben).status_code == 200
    assert api.get("/healthz", headers=ann).status_code == 200


def test_a_key_has_so_many_pictures_a_day(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, ben = keyed_api(make_api, tmp_path, daily_items=5)
    three = {"urls": [f"{URL}?{number}" for number in range(3)]}

    assert api.post(json=three, headers=ann).status_code == 202
    refused = api.post(json=three, headers=ann)
    assert refused.status_code == 429
    assert refused.json is not None
    assert refused.json["code"] == "quota_spent"
    assert int(refused.headers["Retry-After"]) >= 1
    # What was refused has cost nothing, and nothing of it is left.
    assert api.post(json={"url": URL}, headers=ann).status_code == 202
    assert api.post(json=three, headers=ben).status_code == 202
    assert len(api.services.jobs.page().jobs) == 3
    assert len(api.services.storage.names("jobs")) <= 3


def test_a_request_sent_twice_costs_once(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path, daily_items=1)
    for _ in range(3):
        answer = api.post(json={"url": URL}, headers={**ann, "Idempotency-Key": "one"})
        assert answer.status_code in {200, 202}


def test_what_the_queue_refuses_costs_nothing(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path, daily_items=3, max_queued_items=1)
    waiting = str(api.post(json={"url": URL}, headers=ann).json["id"])  # type: ignore[index]
    for _ in range(5):
        full = api.post(json={"url": URL}, headers=ann)
        assert full.json is not None
        assert full.json["code"] == "queue_full"

    api.classify(waiting)

    two = {"urls": [f"{URL}?{number}" for number in range(2)]}
    assert api.post(json=two, headers=ann).status_code == 202
    api.work_on_list(api.services.jobs.page().jobs[0].id)
    spent = api.post(json={"url": URL}, headers=ann)
    assert spent.json is not None
    assert spent.json["code"] == "quota_spent"


def test_a_damaged_archive_costs_nothing(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path, daily_items=2)
    whole = zipped({"a.gif": b"GIF" * 99, "b.gif": b"PNG" * 99})
    # The second file's packed bytes, just before the list of all files.
    damaged = whole.replace(whole[whole.index(b"PK\x01\x02") - 3 :][:3], b"\xff\xff\xff", 1)
    for _ in range(3):
        answer = api.post(data={"file": (io.BytesIO(damaged), "some.zip")}, headers=ann)
        assert answer.json is not None
        assert (answer.status_code, answer.json["detail"]) == (422, "The archive is damaged.")

    assert api.post(json={"urls": [URL, f"{URL}?2"]}, headers=ann).status_code == 202


def test_more_than_a_day_can_have_is_not_to_be_tried_again(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path, daily_items=2)
    answer = api.post(json={"urls": [f"{URL}?{number}" for number in range(3)]}, headers=ann)

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "too_many_items")
    assert "Retry-After" not in answer.headers


def test_a_dry_run_looks_at_the_quota_and_spends_nothing_of_it(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path, daily_items=5)

    def problems(items: int) -> list[str]:
        urls = [f"{URL}?{number}" for number in range(items)]
        told = api.post("/api/v1/classifications?check=1", json={"urls": urls}, headers=ann).json
        assert told is not None
        assert told["accepted"] is not bool(told["problems"])
        return [problem["code"] for problem in told["problems"]]

    assert [problems(5), problems(5), problems(6)] == [[], [], ["too_many_items"]]
    assert api.post(json={"urls": [f"{URL}?{number}" for number in range(3)]}, headers=ann).status_code == 202
    assert [problems(2), problems(3)] == [[], ["quota_spent"]]


@pytest.mark.parametrize("options", [{"rate_limit": 0, "daily_items": 0}])
def test_zero_is_no_limit(make_api: MakeApi, tmp_path: Path, options: dict[str, int]) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path, **options)
    for _ in range(5):
        assert api.post(json={"url": URL}, headers=ann).status_code == 202


def test_without_keys_nothing_is_counted(make_api: MakeApi) -> None:
    api = make_api(rate_limit=1, daily_items=1)
    api.publish()
    for _ in range(3):
        assert api.post(json={"url": URL}).status_code == 202


def test_counters_do_not_stay_for_ever(make_api: MakeApi, tmp_path: Path) -> None:
    api, ann, _ = keyed_api(make_api, tmp_path)
    api.post(json={"url": URL}, headers=ann)
    counters = api.redis.keys("loupe:limit*")

    assert counters
    assert all(0 < api.redis.ttl(name) <= 2 * 24 * 3600 + 1 for name in counters)
    assert not api.redis.keys("LIMITS*")


def test_with_redis_frozen_the_answer_is_a_503_in_time(own_redis: RedisServer, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    headers = bearer(add_key(path, "ann", "classify"))
    api = ApiWorld(Redis.from_url(own_redis.url), own_redis.url, tmp_path / "var", {"api_keys_file": path})
    own_redis.freeze()
    try:
        start = time.monotonic()
        answer = api.get("/api/v1/recipes", headers=headers)
        took = time.monotonic() - start
    finally:
        own_redis.thaw()

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert took < 2.5
