"""Webhooks from the end of a job to the receiver, on a real Redis and real connections; none leaves this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from redis import Redis

from scheduler import courier
from scheduler.courier import Courier
from scheduler.webhooks import Webhooks
from shared import ids
from shared.errors import JobNotFinished, JobNotFound, NoWebhook
from shared.fetch.fetcher import Fetcher
from shared.jobs import keys
from shared.jobs.model import Json, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore
from shared.jobs.webhooks import Promotion, Try, WebhookStore
from tests.support.launched import wait_until
from tests.support.origins import Behaviour, flaky, redirect, serve, silent, status
from tests.support.receiver import SECRET, Receiver

DONE = Outcome(status=Status.SUCCEEDED, result={"label": "cat"})
FAILED = Outcome(failed=1, status=Status.FAILED, error={"code": "http_status", "message": "404"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=0.5, per_host=2)
    yield fetcher
    fetcher.close()


class World:
    """Jobs with webhooks, and a sender."""

    def __init__(self, redis: Redis, fetcher: Fetcher) -> None:
        self.redis: Any = redis
        self.jobs = JobStore(redis, ttl_s=60, max_queued_items=1000)
        self.units = UnitStore(redis)
        self.store = WebhookStore(redis, lease_s=30)
        self.courier = Courier(fetcher, SECRET)
        self.webhooks = Webhooks(self.store, self.courier.tell, per_host=2)

    def ended(self, url: str, outcome: Outcome = DONE) -> str:
        """Returns the id of a job that has just ended."""
        job_id = self.created(url)
        assert self.units.claim(f"{job_id}:0", "token") is not None
        assert self.units.finish(f"{job_id}:0", 1, outcome)
        return job_id

    def created(self, url: str | None, ttl_s: int = 60) -> str:
        spec: Json = {"model": {"name": "pets", "version": None}} | ({"webhook": url} if url else {})
        new = NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], spec, single=True)
        return JobStore(self.redis, ttl_s=ttl_s, max_queued_items=1000).create(new).job.id

    def tries(self, job_id: str) -> list[Json]:
        return list(self.jobs.get(job_id).tries)

    def tell(self, job_id: str, times: int = 1) -> list[Json]:
        """Tells so many times what waits, as a sender does but at once; returns all tries of a job."""
        for _ in range(times):
            self.hurry()
            event = self.store.claim("token")
            assert event is not None
            assert self.store.tried(self.courier.tell(event))
        return self.tries(job_id)

    def hurry(self) -> None:
        """Makes all that waits for its next try due."""
        for host in self.redis.zrange("loupe:webhooks", 0, -1):
            for event in self.redis.zrange(f"loupe:webhooks:{host}", 0, -1):
                self.redis.zadd(f"loupe:webhooks:{host}", {event: 1})
                self.redis.zadd("loupe:webhooks", {host: 1})

    def left(self) -> list[str]:
        """Returns the keys of events that wait."""
        return sorted(self.redis.keys("loupe:webhook*"))


@pytest.fixture
def world(redis: Redis, fetcher: Fetcher) -> World:
    return World(redis, fetcher)


@pytest.mark.parametrize(("outcome", "kind"), [(DONE, "job.succeeded"), (FAILED, "job.failed")])
def test_the_end_of_a_job_is_told_signed_with_the_job_as_it_is_shown(
    world: World, receiver: Receiver, outcome: Outcome, kind: str
) -> None:
    job_id = world.ended(receiver.hook, outcome)
    (made,) = world.tell(job_id)
    (told,) = receiver.told
    assert (told.id, told.type) == (f"msg_{job_id}", kind)
    assert set(told.body) == {"type", "timestamp", "data"}
    job = world.jobs.get(job_id)
    assert told.body["data"]["id"] == job_id
    assert told.body["data"]["status"] == job.status
    assert told.body["data"]["result"] == job.result
    assert (made["type"], made["attempt"], made["status"], made["error"]) == (kind, 1, 204, None)
    assert made["next_attempt_at"] is None
    # Nothing is left of it but what the job keeps, and that goes with the job.
    assert world.left() == []
    assert 0 < world.redis.pttl(keys.tries(job_id)) <= 60_000


def test_any_text_of_a_client_can_be_told(world: World, receiver: Receiver) -> None:
    odd = {"id": "\ud83d é \x00", "label": "猫"}
    world.tell(world.ended(receiver.hook, Outcome(status=Status.SUCCEEDED, result=odd)))
    assert receiver.told[0].body["data"]["result"] == odd


def test_a_canceled_job_is_told_too(world: World, receiver: Receiver) -> None:
    job_id = world.created(receiver.hook)
    world.jobs.cancel(job_id)
    world.tell(job_id)
    assert [told.type for told in receiver.told] == ["job.canceled"]


def test_a_job_without_a_webhook_leaves_nothing(world: World) -> None:
    job_id = world.created(None)
    world.jobs.cancel(job_id)
    assert world.store.claim("token") is None
    assert world.left() == []


@pytest.mark.parametrize(
    ("behaviour", "code", "answered", "words"),
    [
        (status(500), "http_status", 500, "500 Internal Server Error; expected 2xx"),
        (status(404), "http_status", 404, "404 Not Found"),
        (redirect("/elsewhere"), "http_status", 302, "Redirects are not followed"),
        (redirect("/elsewhere", 308), "http_status", 308, "Redirects are not followed"),
        (silent(), "fetch_timeout", None, "did not answer within"),
    ],
)
def test_any_other_answer_is_a_failure_that_is_tried_again(
    world: World, receiver: Receiver, behaviour: Behaviour, code: str, answered: int | None, words: str
) -> None:
    receiver.on("/hook", behaviour)
    receiver.on("/elsewhere", serve(b"never asked"))
    job_id = world.ended(receiver.hook)
    (made,) = world.tell(job_id)
    assert (made["status"], made["error"]["code"]) == (answered, code)
    assert words in made["error"]["message"]
    assert made["next_attempt_at"] == pytest.approx(made["at"] + 10)
    # It waits for the rest of the 10 s, and nobody gets it before.
    assert world.store.claim("token") is None
    assert receiver.hits()["/elsewhere"] == 0


def test_five_tries_carry_the_same_id_and_body_and_then_it_is_given_up(world: World, receiver: Receiver) -> None:
    receiver.on("/hook", status(503))
    job_id = world.ended(receiver.hook)
    tries = world.tell(job_id, 5)
    assert [made["attempt"] for made in tries] == [1, 2, 3, 4, 5]
    waits = [made["next_attempt_at"] - made["at"] for made in tries[:4]]
    assert waits == pytest.approx([10, 50, 540, 3000])
    assert tries[4]["next_attempt_at"] is None
    world.webhooks.round()
    assert len({(told.id, str(told.body)) for told in receiver.told}) == 1
    assert len(receiver.told) == 5
    assert world.left() == []


def test_a_receiver_that_comes_back_is_told_once_more_only(world: World, receiver: Receiver) -> None:
    receiver.on("/hook", status(500))
    job_id = world.ended(receiver.hook)
    world.tell(job_id)
    receiver.on("/hook", status(200))
    assert [made["status"] for made in world.tell(job_id)] == [500, 200]
    assert world.left() == []


def test_what_a_killed_sender_had_claimed_is_told_by_another_and_the_dead_one_s_word_is_refused(
    world: World, receiver: Receiver
) -> None:
    job_id = world.ended(receiver.hook)
    short = WebhookStore(world.redis, lease_s=0.2)
    lost = short.claim("dead")
    assert lost is not None
    assert world.store.claim("too early") is None
    wait_until(lambda: _again(short, world, job_id), 5, "the lease to run out")
    assert not world.store.tried(Try(lost, time.time(), 0.1, None, {"code": "x", "message": "x"}, None))
    assert [made["status"] for made in world.tries(job_id)] == [204]


def _again(store: WebhookStore, world: World, job_id: str) -> bool:
    event = store.claim("second")
    if event is None:
        return False
    assert (event.id, event.tried) == (f"msg_{job_id}", 0)
    return store.tried(world.courier.tell(event))


def test_a_try_recorded_twice_counts_once(world: World, receiver: Receiver) -> None:
    job_id = world.ended(receiver.hook)
    event = world.store.claim("token")
    assert event is not None
    made = world.courier.tell(event)
    assert [world.store.tried(made), world.store.tried(made)] == [True, False]
    assert len(world.tries(job_id)) == 1


def test_a_receiver_that_hangs_keeps_only_its_own_events_waiting(
    world: World, receiver: Receiver, redis: Redis
) -> None:
    with Receiver(silent()) as hanging:
        for _ in range(10):
            world.ended(hanging.hook)
        last = world.ended(receiver.hook)
        world.webhooks.round()
        wait_until(lambda: world.tries(last), 3, "the other receiver to be told")
        # Two at a time to one host.
        assert len(hanging.requests) <= 4
        wait_until(lambda: len(hanging.requests) == 10, 10, "all to be tried in turn")


def test_a_job_may_be_forgotten_before_its_webhook_is_told(world: World, receiver: Receiver) -> None:
    receiver.on("/hook", status(500))
    job_id = world.ended(receiver.hook)
    world.tell(job_id)
    world.jobs.delete(job_id)
    assert not world.redis.exists(keys.tries(job_id))
    receiver.on("/hook", status(200))
    world.hurry()
    world.webhooks.round()
    wait_until(lambda: world.left() == [], 5, "the event to be told")
    assert len(receiver.told) == 2
    assert world.left() == []
    assert not world.redis.exists(keys.tries(job_id))


def test_what_was_told_while_the_job_ran_expires_with_it(world: World, receiver: Receiver) -> None:
    job_id = world.created(receiver.hook)
    promoted = {"name": "pets", "version": 2, "previous_version": 1, "reason": None, "job_id": job_id}
    promoted["promoted_at"] = "2026-03-01T14:02:10.250Z"
    told = Promotion(f"msg_{job_id}_1", time.time(), job_id, receiver.hook, json.dumps(promoted))
    assert world.store.promoted("pets", "", "1", told)
    world.tell(job_id)
    assert [made["type"] for made in world.tries(job_id)] == ["model.promoted"]
    assert receiver.told[0].body["data"] == promoted
    world.jobs.cancel(job_id)
    assert 0 < world.redis.pttl(keys.tries(job_id)) <= 60_000


def test_an_address_that_is_not_allowed_is_refused_at_every_try(redis: Redis, receiver: Receiver) -> None:
    fetcher = Fetcher(timeout_s=0.5)
    world = World(redis, fetcher)
    (made,) = world.tell(world.ended(receiver.hook))
    assert made["error"]["code"] == "address_not_allowed"
    assert receiver.connections == 0
    fetcher.close()


def test_without_a_secret_nothing_is_sent_and_the_try_says_why(redis: Redis, receiver: Receiver) -> None:
    fetcher = Fetcher(allow=[ip_network("127.0.0.0/8")])
    world = World(redis, fetcher)
    world.courier = Courier(fetcher, None)
    (made,) = world.tell(world.ended(receiver.hook))
    assert made["error"]["code"] == "webhook_not_allowed"
    assert "LOUPE_WEBHOOK_SECRET" in made["error"]["message"]
    assert receiver.connections == 0
    fetcher.close()


def test_what_cannot_even_be_put_into_words_is_given_up_like_any_other(world: World, receiver: Receiver) -> None:
    job_id = world.ended(receiver.hook)
    world.redis.hset(f"loupe:webhook:msg_{job_id}", "content", "[[]]")
    tries = world.tell(job_id, 5)
    assert {made["error"]["code"] for made in tries} == {"internal"}
    assert (receiver.connections, world.left()) == (0, [])


def test_an_event_that_nobody_ever_sends_is_forgotten(world: World, receiver: Receiver) -> None:
    job_id = world.ended(receiver.hook)
    week_ms = 7 * 24 * 3600 * 1000
    assert week_ms - 60_000 < world.redis.pttl(keys.event(f"msg_{job_id}")) <= week_ms


def test_tries_are_counted_by_how_they_ended(world: World, receiver: Receiver) -> None:
    before = {code: courier.TRIES.labels(code)._value.get() for code in ("ok", "http_status")}
    receiver.on("/hook", flaky(1, status(500), status(200)))
    world.tell(world.ended(receiver.hook), 2)
    assert {code: courier.TRIES.labels(code)._value.get() - count for code, count in before.items()} == {
        "ok": 1,
        "http_status": 1,
    }


def test_credentials_of_the_url_are_sent_and_never_shown(world: World, receiver: Receiver) -> None:
    job_id = world.ended(receiver.hook.replace("//", "//user:secret@"))
    world.tell(job_id)
    assert receiver.requests[0].headers["authorization"].startswith("Basic ")
    assert "secret" not in str(receiver.told[0].body)


def test_it_can_be_told_again_by_hand_under_the_same_id(world: World, receiver: Receiver) -> None:
    job_id = world.ended(receiver.hook)
    world.tell(job_id)
    world.store.again(job_id)
    world.tell(job_id)
    first, second = receiver.told
    assert first == second
    assert [made["attempt"] for made in world.tries(job_id)] == [1, 1]


def test_telling_again_errors(world: World) -> None:
    with pytest.raises(NoWebhook):
        world.store.again(world.created(None))
    with pytest.raises(JobNotFinished):
        world.store.again(world.created("http://example.org/hook"))
    with pytest.raises(JobNotFound):
        world.store.again(ids.new_id())


def test_an_event_whose_record_is_gone_stops_nobody(world: World, receiver: Receiver) -> None:
    lost, kept = world.ended(receiver.hook), world.ended(receiver.hook)
    world.redis.delete(f"loupe:webhook:msg_{lost}")
    world.webhooks.round()
    world.webhooks.round()
    wait_until(lambda: world.tries(kept), 5, "the other event to be told")
    assert [told.id for told in receiver.told] == [f"msg_{kept}"]
    assert world.left() == []


def test_the_gaps_between_tries_come_to_the_times_that_are_promised(world: World, receiver: Receiver) -> None:
    begin, offsets = 0.0, [0.0]
    for gap in courier.GAPS_S:
        begin += gap
        offsets.append(begin)
    assert offsets == [0, 10, 60, 600, 3600]


def test_more_tries_than_a_job_keeps_leave_the_last(world: World, receiver: Receiver) -> None:
    job_id = world.ended(receiver.hook)
    event = world.store.claim("token")
    assert event is not None
    for number in range(103):
        redis_event = replace(event, tried=number, token=f"t{number}")
        world.redis.hset(f"loupe:webhook:{event.id}", "token", f"t{number}")
        world.store.tried(Try(redis_event, 0.0, 0.0, 500, None, time.time()))
    tries = world.tries(job_id)
    assert (len(tries), tries[0]["attempt"], tries[-1]["attempt"]) == (100, 4, 103)
