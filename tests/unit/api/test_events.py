from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from api.events import EventHub
from shared import redis_client
from shared.jobs import keys
from shared.settings import Settings
from tests.support import threads
from tests.support.redis_server import RedisServer


def connect(server: RedisServer) -> Redis:
    return redis_client.connect(Settings(redis_url=server.url), timeout_s=0.2)


@pytest.fixture
def hub(redis_server: RedisServer) -> EventHub:
    return EventHub(lambda: connect(redis_server))


def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def wait_until_heard(hub: EventHub, redis: Redis) -> None:
    """Returns once the hub listens. Counting who listens tells nothing: hubs of other tests come and go."""
    with hub.watch("ready") as ready:
        until(lambda: bool(redis.publish(keys.EVENTS, "progress ready")) and ready.wait(0.05))


def test_a_message_wakes_those_who_wait_for_its_job_and_nobody_else(hub: EventHub, redis: Redis) -> None:
    with hub.watch("a") as first, hub.watch("a") as second, hub.watch("b") as other:
        wait_until_heard(hub, redis)
        redis.publish(keys.EVENTS, "end a")

        assert first.wait(5)
        assert second.wait(5)
        assert not other.wait(0)
        assert not first.wait(0)


def test_news_that_came_before_the_wait_is_not_lost(hub: EventHub) -> None:
    with hub.watch("a") as watch:
        hub.tell("progress a")
        assert watch.wait(0)


def test_a_record_that_cannot_be_read_harms_nobody(hub: EventHub, redis: Redis) -> None:
    with hub.watch("a") as watch, hub.watch("b") as other:
        wait_until_heard(hub, redis)
        redis.publish(keys.EVENTS, 'end a {"id": \nend b')
        assert other.wait(5)
        redis.publish(keys.EVENTS, "end a")
        assert watch.wait(5)


def test_a_message_with_many_lines_wakes_who_waits_for_any_of_them(hub: EventHub) -> None:
    with hub.watch("a") as first, hub.watch("b") as second, hub.watch("c") as other:
        hub.tell("end a\nprogress b\nend d")
        assert first.wait(0)
        assert second.wait(0)
        assert not other.wait(0)


def test_nobody_is_told_after_the_end_of_a_watch(hub: EventHub) -> None:
    with hub.watch("a") as watch:
        pass
    hub.tell("end a")
    assert not watch.wait(0)


def test_a_message_that_says_nothing_harms_nobody(hub: EventHub) -> None:
    with hub.watch("a") as watch:
        hub.tell("garbage")
        hub.tell("end a")
        assert watch.wait(0)


def test_the_listener_comes_back_after_redis_was_away(redis_server: RedisServer, redis: Redis) -> None:
    tried = threading.Event()

    def unlucky() -> Redis:
        client = connect(redis_server)
        whole = client.pubsub

        def pubsub(**options: object):  # type: ignore[no-untyped-def]
            if not tried.is_set():
                tried.set()
                raise RedisConnectionError("away")
            return whole(**options)  # type: ignore[no-untyped-call]

        client.pubsub = pubsub  # type: ignore[method-assign]
        return client

    hub = EventHub(unlucky)
    with hub.watch("a") as watch:
        wait_until_heard(hub, redis)
        redis.publish(keys.EVENTS, "end a")
        assert watch.wait(5)
    assert tried.is_set()


def test_news_is_heard_though_no_thread_could_be_started_for_it_at_first(hub: EventHub, redis: Redis) -> None:
    with threads.none_left(), pytest.raises(RuntimeError), hub.watch("a"):
        pytest.fail("nobody would have listened")
    with hub.watch("a") as watch:
        wait_until_heard(hub, redis)
        redis.publish(keys.EVENTS, "end a")
        assert watch.wait(5)


def test_a_quiet_channel_is_no_trouble(hub: EventHub, redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    with hub.watch("a") as watch:
        wait_until_heard(hub, redis)
        # Longer than its client waits for an answer.
        assert not watch.wait(0.7)
        redis.publish(keys.EVENTS, "end a")
        assert watch.wait(5)
    assert caplog.text == ""
