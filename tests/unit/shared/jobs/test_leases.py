"""Claims, fencing and the reaper, on a real Redis. Time is moved by ageing the records."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest
from redis import Redis

from shared import ids
from shared.jobs import keys, lease
from shared.jobs.lease import JobCanceled, LeaseKeeper, LeaseLost
from shared.jobs.model import Claim, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.reaper import Reaper
from shared.jobs.runner import Runner
from shared.jobs.store import JobStore
from shared.jobs.units import UnitStore


class World:
    """A store, its units, a reaper and a record of what was sent to the queues."""

    def __init__(self, redis: Redis) -> None:
        self.redis: Any = redis
        self.jobs = JobStore(redis, ttl_s=60, max_queued_items=1000)
        self.units = UnitStore(redis)
        self.sent: list[tuple[Queue, str]] = []
        self.reaper = Reaper(redis, enqueue=self.enqueue, epitaph=epitaph)

    def enqueue(self, queue: Queue, unit_ids: Sequence[str]) -> None:
        self.sent += [(queue, unit_id) for unit_id in unit_ids]

    def create(self, *counts: int) -> list[str]:
        firsts = [sum(counts[:n]) for n in range(len(counts))]
        new_units = [NewUnit({"n": n}, first=f, count=c) for n, (f, c) in enumerate(zip(firsts, counts, strict=True))]
        single = counts == (1,)
        queue = Queue.CLASSIFY if single else Queue.BATCH
        job_id = ids.new_id()
        self.jobs.create(
            NewJob(
                job_id, Kind.CLASSIFICATION, queue, new_units, spec={"single": single}, single=single, total=sum(counts)
            )
        )
        return [f"{job_id}:{n}" for n in range(len(counts))]

    def claim(self, unit_id: str, token: str = "token") -> Claim:
        claim = self.units.claim(unit_id, token)
        assert claim is not None
        return claim

    def expire(self, unit_id: str) -> None:
        self.redis.zadd(keys.LEASES, {unit_id: 1})

    def lose(self, unit_id: str) -> None:
        self.claim(unit_id)
        self.expire(unit_id)
        self.reaper.round()


def epitaph(claim: Claim) -> Outcome:
    error = {"code": "worker_lost", "message": "lost"}
    status = Status.FAILED if claim.spec["single"] else None
    return Outcome(done=claim.count, failed=claim.count, status=status, error=error, errors={"worker_lost": 1})


@pytest.fixture
def world(redis: Redis) -> World:
    return World(redis)


def test_a_message_delivered_twice_does_nothing(world: World) -> None:
    (unit,) = world.create(1)
    assert world.units.claim(unit, "one") is not None
    assert world.units.claim(unit, "two") is None


def test_a_claim_sent_twice_by_one_worker_is_one_claim(world: World) -> None:
    (unit,) = world.create(1)
    assert world.claim(unit, "one").attempt == world.claim(unit, "one").attempt == 1


@pytest.mark.parametrize("unit_id", ["", "x", "x:0", "é:1", ":"])
def test_an_unknown_unit_is_nobody_s(world: World, unit_id: str) -> None:
    assert world.units.claim(unit_id, "token") is None


def test_an_outcome_sent_twice_counts_once(world: World) -> None:
    unit, _ = world.create(2, 2)
    claim = world.claim(unit)
    assert world.units.finish(unit, claim.attempt, Outcome(done=2))
    assert world.units.finish(unit, claim.attempt, Outcome(done=2))
    assert world.jobs.get(claim.job_id).progress["done"] == 2


def test_a_worker_that_lost_its_lease_cannot_write(world: World) -> None:
    # Given a unit whose first worker stood still until somebody else got it
    (unit,) = world.create(1)
    old = world.claim(unit, "old")
    world.expire(unit)
    world.reaper.round()
    new = world.claim(unit, "new")
    # When the first worker wakes up and writes
    # Then nothing it says is taken, and the second attempt's outcome stands
    assert new.attempt == 2
    assert not world.units.finish(unit, old.attempt, Outcome(status=Status.FAILED, error={"code": "stale"}))
    assert not world.units.progress(unit, old.attempt, {"done": 7})
    assert world.units.renew([(unit, old.attempt), (unit, new.attempt)]) == ["lost", "held"]
    assert world.units.release(unit, old.attempt) is None
    assert world.units.finish(unit, new.attempt, Outcome(status=Status.SUCCEEDED, result={"ok": True}))
    job = world.jobs.get(new.job_id)
    assert (job.status, job.attempt, job.result) == (Status.SUCCEEDED, 2, {"ok": True})


def test_the_reaper_sends_a_lost_unit_again_and_leaves_a_held_one(world: World) -> None:
    lost, held = world.create(2, 2)
    world.claim(lost)
    world.claim(held)
    world.expire(lost)
    world.reaper.round()
    assert world.sent == [(Queue.BATCH, lost)]


def test_after_the_third_loss_a_single_item_ends_as_worker_lost(world: World) -> None:
    (unit,) = world.create(1)
    for _ in range(3):
        world.lose(unit)
    job = world.jobs.get(unit.partition(":")[0])
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error["code"] == "worker_lost"
    assert len(world.sent) == 2


def test_a_chunk_lost_twice_is_split_so_that_the_poison_ends_alone(world: World) -> None:
    # Given a chunk of four whose third item kills its worker, beside a good chunk
    chunk, good = world.create(4, 2)
    world.units.finish(good, world.claim(good).attempt, Outcome(done=2))
    world.lose(chunk)
    world.lose(chunk)
    # When it is split and the parts are run
    parts = [unit for _, unit in world.sent[1:]]
    assert len(parts) == 4
    firsts = {}
    for part in parts:
        claim = world.claim(part)
        firsts[claim.first] = claim
    assert sorted(firsts) == [0, 1, 2, 3]
    for first, claim in firsts.items():
        if first == 2:
            world.expire(claim.unit_id)
        else:
            assert world.units.finish(claim.unit_id, claim.attempt, Outcome(done=1, results=f"r/{first}"))
    world.reaper.round()
    # Then one item is lost and all others have their outcome
    job = world.jobs.get(chunk.partition(":")[0])
    assert job.status is Status.SUCCEEDED
    assert job.progress == {"done": 6, "failed": 1, "total": 6}
    assert world.redis.get(keys.OPEN_ITEMS) == "0"
    assert world.jobs.chunk_results(job.id) == ["r/0", "r/1", "r/3"]


def test_a_canceled_job_whose_worker_died_ends(world: World) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.jobs.cancel(claim.job_id)
    world.expire(unit)
    world.reaper.round()
    assert world.jobs.get(claim.job_id).status is Status.CANCELED


def test_a_standstill_of_redis_or_the_reaper_costs_nobody_an_attempt(world: World) -> None:
    (unit,) = world.create(1)
    world.reaper.round()
    claim = world.claim(unit)
    # Given that twenty seconds ago was the last round, and the lease has run out meanwhile
    world.redis.set(keys.PREFIX + "reaped-at", int((time.time() - 20) * 1000))
    world.expire(unit)
    world.reaper.round()
    assert world.sent == []
    assert world.units.renew([(unit, claim.attempt)]) == ["held"]


def test_a_lost_message_is_sent_again_once_its_queue_is_empty(world: World) -> None:
    (unit,) = world.create(1)
    world.redis.zadd(keys.WAITING, {unit: 1})
    world.redis.lpush(keys.PREFIX + "classify", "somebody else's message")
    world.reaper.round()
    assert world.sent == []
    world.redis.delete(keys.PREFIX + "classify")
    world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]
    world.reaper.round()
    assert len(world.sent) == 1


def test_giving_back_a_unit_of_a_canceled_job_ends_it(world: World) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.jobs.cancel(claim.job_id)
    assert world.units.release(unit, claim.attempt) is None
    assert world.jobs.get(claim.job_id).status is Status.CANCELED


def test_giving_a_unit_back_costs_no_attempt(world: World) -> None:
    (unit,) = world.create(1)
    for _ in range(5):
        claim = world.claim(unit)
        assert world.units.release(unit, claim.attempt) is Queue.CLASSIFY
    assert world.redis.hget(keys.unit(unit), "lost") is None


class TestRunner:
    def runner(self, world: World) -> Runner:
        return Runner(world.units, crashed=epitaph, requeue=world.enqueue)

    def test_work_that_raises_ends_with_the_crash_s_outcome(self, world: World) -> None:
        (unit,) = world.create(1)

        def work(claim: Claim, lease: lease.Lease) -> Outcome:
            raise ZeroDivisionError

        self.runner(world).run(unit, work)
        assert world.jobs.get(unit.partition(":")[0]).status is Status.FAILED

    def test_work_is_told_that_its_job_is_canceled(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(lease, "RENEW_EVERY_S", 0.05)
        (unit,) = world.create(1)
        job_id = unit.partition(":")[0]

        def work(claim: Claim, held: lease.Lease) -> Outcome:
            world.jobs.cancel(job_id)
            while True:
                held.check()
                time.sleep(0.01)

        self.runner(world).run(unit, work)
        assert world.jobs.get(job_id).status is Status.CANCELED

    def test_a_stopping_process_gives_its_units_back(self, world: World) -> None:
        (unit,) = world.create(1)
        runner = self.runner(world)
        begun = threading.Event()

        def work(claim: Claim, held: lease.Lease) -> Outcome:
            begun.set()
            while True:
                held.check()
                time.sleep(0.01)

        thread = threading.Thread(target=runner.run, args=(unit, work))
        thread.start()
        assert begun.wait(5)
        runner.keeper.stop()
        thread.join(5)
        assert world.sent == [(Queue.CLASSIFY, unit)]
        assert world.claim(unit).attempt == 2


def test_stuck_work_is_not_renewed_and_a_bounded_wait_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "STALL_S", 0.0)
    (unit,) = world.create(1)
    claim = world.claim(unit)
    keeper = LeaseKeeper(world.units)
    with keeper.keep(unit, claim.attempt) as held:
        world.expire(unit)
        keeper.renew()
        assert world.redis.zscore(keys.LEASES, unit) == 1
        with held.waiting(5):
            keeper.renew()
        assert world.redis.zscore(keys.LEASES, unit) > 1


def test_work_notices_that_its_lease_is_lost(world: World) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    keeper = LeaseKeeper(world.units)
    with keeper.keep(unit, claim.attempt) as held:
        held.check()
        world.expire(unit)
        world.reaper.round()
        keeper.renew()
        with pytest.raises(LeaseLost):
            held.check()


def test_a_canceled_job_s_work_notices_at_its_next_renewal(world: World) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    keeper = LeaseKeeper(world.units)
    with keeper.keep(unit, claim.attempt) as held:
        world.jobs.cancel(claim.job_id)
        keeper.renew()
        with pytest.raises(JobCanceled):
            held.check()
