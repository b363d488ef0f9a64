from __future__ import annotations

import io
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from api.deadline import Budget, budget, renew
from shared.errors import RedisUnavailable
from shared.ids import new_id
from tests.support.api_world import URL, ApiWorld
from tests.support.redis_server import RedisServer


def test_a_budget_shrinks_with_what_is_spent_and_then_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.deadline.BUDGET_S", 0.05)
    spent = Budget()

    with spent.spending():
        time.sleep(0.06)

    assert spent.left_s < 0
    with pytest.raises(RedisUnavailable), spent.spending():
        pytest.fail("the block ran")


def test_a_request_has_one_budget_until_it_is_renewed(api: ApiWorld) -> None:
    with api.app.test_request_context():
        first = budget()
        assert budget() is first
        renew()
        assert budget() is not first
    assert budget() is not budget()


def test_commands_scripts_and_pipelines_draw_on_the_budget(api: ApiWorld) -> None:
    with api.app.test_request_context():
        budget().left_s = 0
        with pytest.raises(RedisUnavailable):
            api.services.redis.ping()
        with pytest.raises(RedisUnavailable):
            api.services.jobs.page()
        with pytest.raises(RedisUnavailable):
            api.services.jobs.cancel(new_id())
        with pytest.raises(RedisUnavailable):
            api.services.jobs.get(new_id())


@pytest.fixture
def fragile(own_redis: RedisServer) -> Iterator[ApiWorld]:
    """An API on a Redis that may be frozen or stopped."""
    client = Redis.from_url(own_redis.url, decode_responses=True)
    api = ApiWorld(client, own_redis.url, own_redis.folder / "var")
    api.publish()
    yield api
    client.close()


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/readyz", "/metrics", "/jobs", "/api/v1/models"])
def test_a_frozen_redis_is_given_up_on_within_two_seconds(fragile: ApiWorld, own_redis: RedisServer, path: str) -> None:
    own_redis.freeze()

    start = time.monotonic()
    answer = fragile.get(path)

    assert time.monotonic() - start < 2
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    assert fragile.get("/healthz").status_code == 200


def test_nothing_is_accepted_while_redis_is_frozen(fragile: ApiWorld, own_redis: RedisServer) -> None:
    own_redis.freeze()

    answer = fragile.post(json={"url": URL}, headers={"Idempotency-Key": "one", "Prefer": "wait=30"})

    assert answer.status_code == 503


def test_a_redis_that_is_gone_is_a_503_at_once(fragile: ApiWorld, own_redis: RedisServer) -> None:
    own_redis.stop()

    assert fragile.get("/api/v1/jobs").status_code == 503
    assert fragile.post(json={"url": URL}).status_code == 503
    upload = {"file": (io.BytesIO(b"GIF"), "a.gif")}
    assert fragile.post(data=upload).status_code == 503
    assert fragile.services.storage.names("jobs") == []
