"""Which events wait, who tells them and how often, on a real Redis and real connections; none leaves this machine."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from redis import Redis

from shared import ids
from shared.errors import JobNotFinished, JobNotFound, NoWebhook
from shared.jobs import keys
from shared.jobs.webhooks import Promotion, Try, WebhookStore
from tests.support import threads
from tests.support.launched import wait_until
from tests.support.origins import silent, status
from tests.support.receiver import Receiver
from tests.support.webhook_world import WebhookWorld


def test_a_canceled_job_is_told_too(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.created(receiver.hook)
    telling.jobs.cancel(job_id)
    telling.tell(job_id)
    assert [told.type for told in receiver.told] == ["job.canceled"]


def test_a_job_without_a_webhook_leaves_nothing(telling: WebhookWorld) -> None:
    job_id = telling.created(None)
    telling.jobs.cancel(job_id)
    assert telling.store.claim("token") is None
    assert telling.left() == []


def test_five_tries_carry_the_same_id_and_body_and_then_it_is_given_up(
    telling: WebhookWorld, receiver: Receiver
) -> None:
    receiver.on("/hook", status(503))
    job_id = telling.ended(receiver.hook)
    tries = telling.tell(job_id, 5)
    assert [made["attempt"] for made in tries] == [1, 2, 3, 4, 5]
    waits = [made["next_attempt_at"] - made["at"] for made in tries[:4]]
    assert waits == pytest.approx([10, 50, 540, 3000])
    assert tries[4]["next_attempt_at"] is None
    telling.webhooks.round()
    assert len({(told.id, str(told.body)) for told in receiver.told}) == 1
    assert len(receiver.told) == 5
    assert telling.left() == []


def test_a_receiver_that_comes_back_is_told_once_more_only(telling: WebhookWorld, receiver: Receiver) -> None:
    receiver.on("/hook", status(500))
    job_id = telling.ended(receiver.hook)
    telling.tell(job_id)
    receiver.on("/hook", status(200))
    assert [made["status"] for made in telling.tell(job_id)] == [500, 200]
    assert telling.left() == []


def test_what_a_killed_sender_had_claimed_is_told_by_another_and_the_dead_one_s_word_is_refused(
    telling: WebhookWorld, receiver: Receiver
) -> None:
    job_id = telling.ended(receiver.hook)
    short = WebhookStore(telling.redis, lease_s=0.2)
    lost = short.claim("dead")
    assert lost is not None
    assert telling.store.claim("too early") is None
    wait_until(lambda: _again(short, telling, job_id), 5, "the lease to run out")
    assert not telling.store.tried(Try(lost, time.time(), 0.1, None, {"code": "x", "message": "x"}, None))
    assert [made["status"] for made in telling.tries(job_id)] == [204]


def _again(store: WebhookStore, telling: WebhookWorld, job_id: str) -> bool:
    event = store.claim("second")
    if event is None:
        return False
    assert (event.id, event.tried) == (f"msg_{job_id}", 0)
    return store.tried(telling.courier.tell(event))


def test_a_try_recorded_twice_counts_once(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook)
    event = telling.store.claim("token")
    assert event is not None
    made = telling.courier.tell(event)
    assert [telling.store.tried(made), telling.store.tried(made)] == [True, False]
    assert len(telling.tries(job_id)) == 1


def test_a_receiver_that_hangs_keeps_only_its_own_events_waiting(
    telling: WebhookWorld, receiver: Receiver, redis: Redis
) -> None:
    with Receiver(silent()) as hanging:
        for _ in range(10):
            telling.ended(hanging.hook)
        last = telling.ended(receiver.hook)
        telling.webhooks.round()
        wait_until(lambda: telling.tries(last), 3, "the other receiver to be told")
        # Two at a time to one host.
        assert len(hanging.requests) <= 4
        wait_until(lambda: len(hanging.requests) == 10, 10, "all to be tried in turn")


def test_a_receiver_is_told_though_no_thread_could_be_started_for_it(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook)
    # Given a system that had no thread left, as often as one host may be told at a time
    for _ in range(2):
        with threads.none_left(), pytest.raises(RuntimeError):
            telling.webhooks.round()
        telling.hurry()
    # Then the receiver is told when there is one again
    telling.webhooks.round()
    wait_until(lambda: telling.tries(job_id), 5, "the receiver to be told")
    assert [told.type for told in receiver.told] == ["job.succeeded"]


def test_a_job_may_be_forgotten_before_its_webhook_is_told(telling: WebhookWorld, receiver: Receiver) -> None:
    receiver.on("/hook", status(500))
    job_id = telling.ended(receiver.hook)
    telling.tell(job_id)
    telling.jobs.delete(job_id)
    assert not telling.redis.exists(keys.tries(job_id))
    receiver.on("/hook", status(200))
    telling.hurry()
    telling.webhooks.round()
    wait_until(lambda: telling.left() == [], 5, "the event to be told")
    assert len(receiver.told) == 2
    assert telling.left() == []
    assert not telling.redis.exists(keys.tries(job_id))


def test_what_was_told_while_the_job_ran_expires_with_it(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.created(receiver.hook)
    promoted = {"name": "pets", "version": 2, "previous_version": 1, "reason": None, "job_id": job_id}
    promoted["promoted_at"] = "2026-03-01T14:02:10.250Z"
    told = Promotion(f"msg_{job_id}_1", time.time(), job_id, receiver.hook, json.dumps(promoted))
    assert telling.store.promoted("pets", "", "1", told)
    telling.tell(job_id)
    assert [made["type"] for made in telling.tries(job_id)] == ["model.promoted"]
    assert receiver.told[0].body["data"] == promoted
    telling.jobs.cancel(job_id)
    assert 0 < telling.redis.pttl(keys.tries(job_id)) <= 60_000


def test_an_event_that_nobody_ever_sends_is_forgotten(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook)
    week_ms = 7 * 24 * 3600 * 1000
    assert week_ms - 60_000 < telling.redis.pttl(keys.event(f"msg_{job_id}")) <= week_ms


def test_it_can_be_told_again_by_hand_under_the_same_id(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook)
    telling.tell(job_id)
    telling.store.again(job_id)
    telling.tell(job_id)
    first, second = receiver.told
    assert first == second
    assert [made["attempt"] for made in telling.tries(job_id)] == [1, 1]


def test_it_is_told_again_by_hand_though_a_try_is_under_way(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook)
    event = telling.store.claim("token")
    assert event is not None
    # When somebody asks for it before the answer to the first try is there
    telling.store.again(job_id)
    # Then what that came to ends the event no more
    assert not telling.store.tried(telling.courier.tell(event))
    assert [made["status"] for made in telling.tell(job_id)] == [204]
    assert len(receiver.told) == 2
    assert telling.left() == []


def test_telling_again_errors(telling: WebhookWorld) -> None:
    with pytest.raises(NoWebhook):
        telling.store.again(telling.created(None))
    with pytest.raises(JobNotFinished):
        telling.store.again(telling.created("http://example.org/hook"))
    with pytest.raises(JobNotFound):
        telling.store.again(ids.new_id())


def test_an_event_whose_record_is_gone_stops_nobody(telling: WebhookWorld, receiver: Receiver) -> None:
    lost, kept = telling.ended(receiver.hook), telling.ended(receiver.hook)
    telling.redis.delete(f"loupe:webhook:msg_{lost}")
    telling.webhooks.round()
    telling.webhooks.round()
    wait_until(lambda: telling.tries(kept), 5, "the other event to be told")
    assert [told.id for told in receiver.told] == [f"msg_{kept}"]
    assert telling.left() == []


def test_more_tries_than_a_job_keeps_leave_the_last(telling: WebhookWorld, receiver: Receiver) -> None:
    job_id = telling.ended(receiver.hook)
    event = telling.store.claim("token")
    assert event is not None
    for number in range(103):
        redis_event = replace(event, tried=number, token=f"t{number}")
        telling.redis.hset(f"loupe:webhook:{event.id}", "token", f"t{number}")
        telling.store.tried(Try(redis_event, 0.0, 0.0, 500, None, time.time()))
    tries = telling.tries(job_id)
    assert (len(tries), tries[0]["attempt"], tries[-1]["attempt"]) == (100, 4, 103)
