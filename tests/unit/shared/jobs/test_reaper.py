"""What becomes of units whose worker died, or whose message was lost."""

from __future__ import annotations

import sys
import time

import pytest

from shared import ids
from shared.jobs import keys, reaper
from shared.jobs.model import Kind, NewJob, NewUnit, Queue, Status
from shared.jobs.store import JobStore
from tests.support.unit_world import UnitWorld

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="nobody can be seen to be dead elsewhere")


def test_the_reaper_sends_a_lost_unit_again_and_leaves_a_held_one(world: UnitWorld) -> None:
    lost, held = world.create(2, 2)
    world.claim(lost)
    world.claim(held)
    world.expire(lost)
    world.reaper.round()
    assert world.sent == [(Queue.BATCH, lost)]


@on_linux
def test_a_dead_process_loses_all_it_held_at_once_and_a_living_one_nothing(world: UnitWorld) -> None:
    # Given a process with two units, one of a canceled job, and another process with a third
    (lost,), (canceled,), (held,) = world.create(1), world.create(1), world.create(1)
    claims = [world.claim(unit) for unit in (lost, canceled, held)]
    world.jobs.cancel(claims[1].job_id)
    # When it dies
    world.kill(lost, canceled)
    world.reaper.round()
    # Then each of its units is lost once, as if its lease had run out
    assert world.sent == [(Queue.CLASSIFY, lost)]
    assert world.jobs.get(claims[1].job_id).status is Status.CANCELED
    assert world.units.renew([(claim.unit_id, claim.attempt) for claim in claims]) == ["lost", "lost", "held"]
    assert world.claim(lost).attempt == 2
    world.reaper.round()
    assert world.redis.get(keys.LEASES_LOST) == "1"


@on_linux
def test_a_standstill_keeps_no_dead_process_s_lease(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    world.claim(unit)
    world.kill(unit)
    world.redis.set(keys.PREFIX + "reaped-at", int((time.time() - 20) * 1000))
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]


@on_linux
def test_a_unit_that_was_given_back_is_no_dead_process_s(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.kill(unit)
    world.units.release(unit, claim.attempt)
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]
    assert world.redis.hget(keys.unit(unit), "lost") is None


def test_a_canceled_job_whose_worker_died_ends(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.jobs.cancel(claim.job_id)
    world.expire(unit)
    world.reaper.round()
    assert world.jobs.get(claim.job_id).status is Status.CANCELED


def test_a_standstill_of_redis_or_the_reaper_costs_nobody_an_attempt(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    world.reaper.round()
    claim = world.claim(unit)
    # Given that twenty seconds ago was the last round, and the lease has run out meanwhile
    world.redis.set(keys.PREFIX + "reaped-at", int((time.time() - 20) * 1000))
    world.expire(unit)
    world.reaper.round()
    assert world.sent == []
    assert world.units.renew([(unit, claim.attempt)]) == ["held"]


def test_slow_rounds_do_not_keep_a_dead_worker_s_lease_for_ever(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    world.claim(unit)
    for _ in range(2):
        # Given rounds that are six seconds apart
        world.redis.set(keys.PREFIX + "reaped-at", int((time.time() - 6) * 1000))
        world.expire(unit)
        world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]


def test_lost_units_are_sent_in_front_of_those_that_wait_the_oldest_first(world: UnitWorld) -> None:
    # Given two units that a worker had, and others that wait longer than a message may be lost
    lost = [world.create(1)[0] for _ in range(2)]
    for number, unit in enumerate(lost):
        world.claim(unit)
        world.redis.zadd(keys.LEASES, {unit: number + 1})
    for _ in range(2):
        world.jobs.create(NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], {}, single=True))
    waiting = [unit for _, unit in world.sent]
    # When its leases have run out
    world.reaper.round()
    # Then they come first, and nobody takes those behind them for lost
    assert [unit for _, unit in world.sent] == [*lost, *waiting]
    world.reaper.round()
    assert [unit for _, unit in world.sent] == [*lost, *waiting]


def test_a_lost_message_is_found_behind_a_long_list_of_another_queue(world: UnitWorld) -> None:
    world.jobs = JobStore(world.redis, ttl_s=60, max_queued_items=10_000)
    for waiting in world.create(*[1] * 1100):
        world.redis.zadd(keys.waiting("batch"), {waiting: 1})
    (unit,) = world.create(1)
    world.redis.zadd(keys.waiting("classify"), {unit: 1})
    world.redis.lpush(keys.PREFIX + "batch", "a message")
    world.reaper.round()
    assert world.messages(Queue.CLASSIFY) == [unit]


def test_a_lost_message_is_sent_again_once_its_queue_is_empty(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    world.redis.zadd(keys.waiting("classify"), {unit: 1})
    world.redis.lpush(keys.PREFIX + "classify", "somebody else's message")
    world.reaper.round()
    assert world.redis.llen(keys.PREFIX + "classify") == 1
    world.redis.delete(keys.PREFIX + "classify")
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]
    world.reaper.round()
    assert len(world.sent) == 1


def test_a_message_that_a_dead_worker_took_and_did_not_claim_is_missed_soon(world: UnitWorld) -> None:
    (taken,) = world.create(1)
    seconds, _ = world.redis.time()
    world.redis.zadd(keys.waiting("classify"), {taken: (seconds - 2) * 1000})
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, taken)]


def test_a_message_that_may_be_on_its_way_is_not_missed(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaper, "PATIENCE_MS", 60_000)
    (taken,) = world.create(1)
    seconds, _ = world.redis.time()
    world.redis.zadd(keys.waiting("classify"), {taken: (seconds - 30) * 1000})
    world.reaper.round()
    assert world.sent == []


def test_a_lost_message_is_sent_again_before_younger_ones_are_taken(world: UnitWorld) -> None:
    # Given a unit whose message was taken by a worker that died, and a long queue behind it
    (lost,) = world.create(1)
    world.redis.zadd(keys.waiting("classify"), {lost: 1})
    world.jobs.create(NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], spec={}, single=True))
    ((_, younger),) = world.sent
    # When the reaper looks
    world.reaper.round()
    # Then the lost one is sent again, once, in front of the other
    assert world.sent == [(Queue.CLASSIFY, lost), (Queue.CLASSIFY, younger)]
    world.reaper.round()
    assert len(world.sent) == 2
