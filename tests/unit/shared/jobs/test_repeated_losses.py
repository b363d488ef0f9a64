"""What becomes of units that were lost before: chunks are split, singles run alone, and the third loss ends them."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from shared.errors import StorageUnavailable
from shared.jobs import keys
from shared.jobs.model import Claim, Outcome, Status
from shared.jobs.reaper import Reaper
from tests.support.unit_world import UnitWorld, epitaph


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can be seen to be dead elsewhere")
def test_a_unit_that_died_with_three_processes_is_the_reaper_s_until_its_end_is_written(world: UnitWorld) -> None:
    (unit,) = world.create(1)

    def storage_is_away(_: Claim) -> Outcome:
        raise StorageUnavailable

    world.reaper = Reaper(world.redis, epitaph=storage_is_away)
    for _ in range(3):
        world.claim(unit)
        world.kill(unit)
        world.reap()
    attempt = world.redis.hget(keys.unit(unit), "attempt")
    world.reap()
    assert world.redis.hget(keys.unit(unit), "attempt") == attempt == "4"
    assert world.redis.hget(keys.unit(unit), "lost") == "3"


def test_an_end_that_takes_long_to_write_is_written_once_and_nobody_waits_for_it(world: UnitWorld) -> None:
    unit, other = (world.create(1)[0] for _ in range(2))
    asked, answer = threading.Event(), threading.Event()

    def slow(claim: Claim) -> Outcome:
        asked.set()
        assert answer.wait(5)
        return epitaph(claim)

    world.reaper = Reaper(world.redis, epitaph=slow)
    for _ in range(3):
        world.claim(unit)
        world.expire(unit)
        world.reaper.round()
    world.take_all()
    with ThreadPoolExecutor(1) as pool:
        # Given an end that is being written for longer than a lease lasts
        writing = pool.submit(world.reaper.write_ends)
        assert asked.wait(5)
        world.claim(other)
        for lost in (unit, other):
            world.expire(lost)
        # When the reaper has a round
        world.reaper.round()
        # Then it still holds that unit, and another lost one is sent again
        assert world.redis.hget(keys.unit(unit), "lost") == "3"
        assert [sent for _, sent in world.sent] == [other]
        # And the end is taken when it comes
        answer.set()
        writing.result(5)
    assert world.jobs.get(unit.partition(":")[0]).status is Status.FAILED
    world.reaper.round()
    assert world.redis.zscore(keys.LEASES, unit) is None


def test_an_end_is_not_written_by_a_reaper_that_holds_the_unit_no_more(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    written: list[str] = []

    def first(claim: Claim) -> Outcome:
        written.append(claim.unit_id)
        return epitaph(claim)

    world.reaper = Reaper(world.redis, epitaph=first)
    for _ in range(3):
        world.claim(unit)
        world.expire(unit)
        world.reaper.round()
    # Given that another scheduler's reaper has found the unit meanwhile, and written its end
    other = Reaper(world.redis, epitaph=epitaph)
    world.expire(unit)
    other.round()
    other.write_ends()
    # When the first one goes on
    world.reap()
    # Then it leaves the unit alone
    assert written == []
    assert world.jobs.get(unit.partition(":")[0]).status is Status.FAILED


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
            world.reap()
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
        world.reap()
    # When they run one at a time from then on
    ended: list[str] = []
    while len(ended) < 16:
        ((_, unit),) = world.sent
        world.take_all()
        claim = world.claim(unit)
        ended.append(unit)
        if unit == poison:
            world.expire(unit)
            world.reap()
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
        world.reap()
    ((_, suspect),) = world.sent
    world.jobs.cancel(suspect.partition(":")[0])
    world.take_all()
    world.reap()
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
    world.reap()
    assert world.jobs.get(other.partition(":")[0]).status is Status.FAILED
    assert world.jobs.get(broken.partition(":")[0]).status is Status.RUNNING
    # When storage is back, the end is written as well
    world.reaper = Reaper(redis, epitaph=epitaph)
    world.expire(broken)
    world.reap()
    assert world.jobs.get(broken.partition(":")[0]).status is Status.FAILED
