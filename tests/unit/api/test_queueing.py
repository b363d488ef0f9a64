from __future__ import annotations

import time

import pytest
from redis import Redis

from api.queueing import AT_ONCE
from tests.support.api_world import ApiWorld


def create(api: ApiWorld, units: int) -> str:
    answer = api.post(json={"urls": [f"http://example.org/{n}" for n in range(units * 64)]})
    assert answer.json is not None
    return str(answer.json["id"])


def wait_for_messages(redis: Redis, count: int) -> None:
    give_up = time.monotonic() + 20
    while (found := redis.llen("loupe:batch")) != count:
        assert time.monotonic() < give_up, f"{found} messages, expected {count}"
        time.sleep(0.01)


def test_the_messages_of_a_long_list_follow_the_answer(api: ApiWorld) -> None:
    create(api, 2 * AT_ONCE + 3)

    assert api.redis.llen("loupe:batch") >= AT_ONCE
    wait_for_messages(api.redis, 2 * AT_ONCE + 3)


def test_after_a_message_that_cannot_be_sent_the_rest_waits_for_the_reaper(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def broken(_: object, __: object, unit_ids: list[str]) -> None:
        tried.append(len(unit_ids))
        raise OSError("no broker")

    monkeypatch.setattr("shared.enqueue.Enqueuer.__call__", broken)

    job_id = create(api, AT_ONCE + 1)

    assert tried == [AT_ONCE]
    assert len(api.services.jobs.unit_ids(job_id)) == api.redis.zcard("loupe:waiting:batch") == AT_ONCE + 1
