"""What becomes of units whose worker died, or whose message was lost."""

from __future__ import annotations

import sys
import time

import pytest
from redis import Redis

from shared import ids
from shared.errors import StorageUnavailable
from shared.jobs import keys
from shared.jobs.model import Claim, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.reaper import Reaper
from shared.jobs.store import JobStore
from tests.support.unit_world import UnitWorld, epitaph

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="nobody can be seen to be dead elsewhere")


def storage_is_away(_: Claim) -> Outcome:
    raise StorageUnavailable


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
def test_a_unit_that_died_with_three_processes_is_the_reaper_s_until_its_end_is_written(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    world.reaper = Reaper(world.redis, epitaph=storage_is_away)
    for _ in range(3):
        world.claim(unit)
        world.kill(unit)
        world.reaper.round()
    attempt = world.redis.hget(keys.unit(unit), "attempt")
    world.reaper.round()
    assert world.redis.hget(keys.unit(unit), "attempt") == attempt == "4"
    assert world.redis.hget(keys.unit(unit), "lost") == "3"


@on_linux
def test_a_unit_that_was_given_back_is_no_dead_process_s(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.kill(unit)
    world.units.release(unit, claim.attempt)
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]
    assert world.redis.hget(keys.unit(unit), "lost") is None


def test_after_the_third_loss_a_single_item_ends_as_worker_lost(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    for _ in range(3):
        world.lose(unit)
    job = world.jobs.get(unit.partition(":")[0])
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error["code"] == "worker_lost"
    assert len(world.sent) == 2


def test_a_chunk_that_was_lost_is_split_so_that_less_is_lost_with_it_again(world: UnitWorld) -> None:
    # Given a chunk of 20 lines
    (chunk,) = world.create(20)
    job_id = chunk.partition(":")[0]
    # When it is lost
    world.lose(chunk)
    # Then its parts are sent in its place, in their order
    claims = [world.claim(part) for _, part in world.sent]
    assert [(claim.first, claim.count, claim.losses) for claim in claims] == [(0, 8, 1), (8, 8, 1), (16, 4, 1)]
    # And the list ends with the last of them
    for claim in claims:
        assert world.jobs.get(job_id).status is Status.RUNNING
        assert world.units.finish(claim.unit_id, claim.attempt, Outcome(done=claim.count))
    assert world.jobs.get(job_id).status is Status.SUCCEEDED
    assert world.redis.get(keys.OPEN_ITEMS) == "0"


def test_a_chunk_lost_twice_is_split_so_that_the_poison_ends_alone(world: UnitWorld) -> None:
    # Given a chunk of four whose third item kills its worker, beside a good chunk
    chunk, good = world.create(4, 2)
    world.units.finish(good, world.claim(good).attempt, Outcome(done=2))
    world.lose(chunk)
    world.lose(chunk)
    # When it is split, its items are sent one at a time
    ran: list[str] = []
    while len(ran) < 4:
        (part,) = {unit for _, unit in world.sent} - {chunk} - set(ran)
        ran.append(part)
        claim = world.claim(part)
        if claim.first == 2:
            world.expire(part)
            world.reaper.round()
        else:
            assert world.units.finish(part, claim.attempt, Outcome(done=1, results=f"r/{claim.first}"))
    # Then one item is lost and all others have their outcome
    job = world.jobs.get(chunk.partition(":")[0])
    assert job.status is Status.SUCCEEDED
    assert job.progress == {"done": 6, "failed": 1, "total": 6}
    assert world.redis.get(keys.OPEN_ITEMS) == "0"
    assert [unit.results for unit in world.jobs.list_units(job.id, 0, None) if unit.results] == ["r/0", "r/1", "r/3"]


def test_innocents_that_run_beside_a_poison_item_survive_it(world: UnitWorld) -> None:
    # Given 16 singles in flight in one process, one of which kills it each time
    units = [world.create(1)[0] for _ in range(16)]
    poison = units[7]
    for _ in range(2):
        for unit in units:
            world.claim(unit)
        for unit in units:
            world.expire(unit)
        world.take_all()
        world.reaper.round()
    # When they run one at a time from then on
    ended: list[str] = []
    while len(ended) < 16:
        ((_, unit),) = world.sent
        world.take_all()
        claim = world.claim(unit)
        ended.append(unit)
        if unit == poison:
            world.expire(unit)
            world.reaper.round()
        else:
            assert world.units.finish(unit, claim.attempt, Outcome(status=Status.SUCCEEDED, result={}))
    # Then only the guilty one is lost
    states = {unit: world.jobs.get(unit.partition(":")[0]).status for unit in units}
    assert [unit for unit, status in states.items() if status is Status.FAILED] == [poison]
    assert set(states.values()) == {Status.SUCCEEDED, Status.FAILED}


def test_a_canceled_suspect_makes_way_for_the_next(world: UnitWorld) -> None:
    first, second = (world.create(1)[0] for _ in range(2))
    for _ in range(2):
        for unit in (first, second):
            world.claim(unit)
        for unit in (first, second):
            world.expire(unit)
        world.take_all()
        world.reaper.round()
    ((_, suspect),) = world.sent
    world.jobs.cancel(suspect.partition(":")[0])
    world.take_all()
    world.reaper.round()
    assert [unit for _, unit in world.sent] == [({first, second} - {suspect}).pop()]


def test_an_end_that_cannot_be_written_keeps_no_other_waiting(world: UnitWorld, redis: Redis) -> None:
    broken, other = (world.create(1)[0] for _ in range(2))

    def storage_is_away(claim: Claim) -> Outcome:
        if claim.unit_id == broken:
            raise StorageUnavailable
        return epitaph(claim)

    world.reaper = Reaper(redis, epitaph=storage_is_away)
    for unit in (broken, other):
        world.claim(unit)
        world.redis.hset(keys.unit(unit), "lost", 2)
        world.expire(unit)
    world.reaper.round()
    assert world.jobs.get(other.partition(":")[0]).status is Status.FAILED
    assert world.jobs.get(broken.partition(":")[0]).status is Status.RUNNING
    # When storage is back, the end is written as well
    world.reaper = Reaper(redis, epitaph=epitaph)
    world.expire(broken)
    world.reaper.round()
    assert world.jobs.get(broken.partition(":")[0]).status is Status.FAILED


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
    taken, lately = [world.create(1)[0] for _ in range(2)]
    seconds, _ = world.redis.time()
    world.redis.zadd(keys.waiting("classify"), {taken: (seconds - 2) * 1000, lately: (seconds + 1) * 1000})
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, taken)]


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
