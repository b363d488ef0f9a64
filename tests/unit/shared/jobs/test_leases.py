"""Claims, fencing and the reaper, on a real Redis. Time is moved by ageing the records."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared import ids
from shared.errors import StorageUnavailable
from shared.jobs import keys, lease
from shared.jobs import runner as runner_module
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
        self.reaper = Reaper(redis, epitaph=epitaph)

    @property
    def sent(self) -> list[tuple[Queue, str]]:
        """What lies in the queues, oldest first."""
        return [(queue, unit) for queue in Queue for unit in reversed(self.messages(queue))]

    def messages(self, queue: Queue) -> list[str]:
        texts = self.redis.lrange(keys.PREFIX + queue, 0, -1)
        return [json.loads(json.loads(text)["body"])[0][0] for text in texts]

    def take_all(self) -> None:
        """Empties the queues, as workers do."""
        self.redis.delete(*(keys.PREFIX + queue for queue in Queue))

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
        self.take_all()
        return [f"{job_id}:{n}" for n in range(len(counts))]

    def claim(self, unit_id: str, token: str = "token") -> Claim:
        claim = self.units.claim(unit_id, token)
        assert claim is not None
        return claim

    def let_wait(self, unit_ids: list[str]) -> None:
        """Has the reaper send units whose messages were lost, in this order."""
        self.redis.zadd(keys.waiting("classify"), {unit_id: n for n, unit_id in enumerate(unit_ids)})
        self.reaper.round()

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
    assert not world.units.release(unit, old.attempt)
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


def test_innocents_that_run_beside_a_poison_item_survive_it(world: World) -> None:
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


def test_a_canceled_suspect_makes_way_for_the_next(world: World) -> None:
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


def test_an_end_that_cannot_be_written_keeps_no_other_waiting(world: World, redis: Redis) -> None:
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


def test_slow_rounds_do_not_keep_a_dead_worker_s_lease_for_ever(world: World) -> None:
    (unit,) = world.create(1)
    world.claim(unit)
    for _ in range(2):
        # Given rounds that are six seconds apart
        world.redis.set(keys.PREFIX + "reaped-at", int((time.time() - 6) * 1000))
        world.expire(unit)
        world.reaper.round()
    assert world.sent == [(Queue.CLASSIFY, unit)]


def test_a_lost_message_is_found_behind_a_long_list_of_another_queue(world: World) -> None:
    world.jobs = JobStore(world.redis, ttl_s=60, max_queued_items=10_000)
    for waiting in world.create(*[1] * 1100):
        world.redis.zadd(keys.waiting("batch"), {waiting: 1})
    (unit,) = world.create(1)
    world.redis.zadd(keys.waiting("classify"), {unit: 1})
    world.redis.lpush(keys.PREFIX + "batch", "a message")
    world.reaper.round()
    assert world.messages(Queue.CLASSIFY) == [unit]


def test_a_lost_message_is_sent_again_once_its_queue_is_empty(world: World) -> None:
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


def test_a_lost_message_is_sent_again_before_younger_ones_are_taken(world: World) -> None:
    # Given a unit whose message was taken by a worker that died, and a long queue behind it
    (lost,) = world.create(1)
    world.redis.zadd(keys.waiting("classify"), {lost: 1})
    world.jobs.create(NewJob(ids.new_id(), Kind.CLASSIFICATION, Queue.CLASSIFY, [NewUnit({})], spec={}, single=True))
    ((_, younger),) = world.sent
    # When the reaper looks
    world.reaper.round()
    # Then the lost one is sent again, once, and the other waits for its turn
    assert world.sent == [(Queue.CLASSIFY, younger), (Queue.CLASSIFY, lost)]
    world.reaper.round()
    assert len(world.sent) == 2


def test_giving_back_a_unit_of_a_canceled_job_ends_it(world: World) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.jobs.cancel(claim.job_id)
    assert not world.units.release(unit, claim.attempt)
    assert world.jobs.get(claim.job_id).status is Status.CANCELED


def test_giving_a_unit_back_costs_no_attempt_and_sends_it_again(world: World) -> None:
    (unit,) = world.create(1)
    for _ in range(5):
        world.take_all()
        claim = world.claim(unit)
        assert world.units.release(unit, claim.attempt)
        assert world.sent == [(Queue.CLASSIFY, unit)]
    assert world.redis.hget(keys.unit(unit), "lost") is None


class TestRunner:
    def runner(self, world: World) -> Runner:
        return Runner(world.units, crashed=epitaph)

    def test_work_that_raises_ends_with_the_crash_s_outcome(self, world: World) -> None:
        (unit,) = world.create(1)

        def work(claim: Claim, lease: lease.Lease) -> Outcome:
            raise ZeroDivisionError

        self.runner(world).run(unit, work)
        assert world.jobs.get(unit.partition(":")[0]).status is Status.FAILED

    def test_a_crash_that_cannot_be_written_gives_the_unit_back(self, world: World) -> None:
        (unit,) = world.create(1)

        def work(claim: Claim, lease: lease.Lease) -> Outcome:
            raise ZeroDivisionError

        def crashed(claim: Claim) -> Outcome:
            raise StorageUnavailable("writing: no answer")

        Runner(world.units, crashed=crashed).run(unit, work)
        assert world.sent == [(Queue.CLASSIFY, unit)]

    def test_the_unit_taken_next_runs_though_the_rest_of_the_last_fails(self, world: World) -> None:
        first, second = world.create(1) + world.create(1)
        world.let_wait([second])
        done = []

        def after() -> None:
            raise ZeroDivisionError

        def work(claim: Claim, held: lease.Lease) -> Outcome:
            done.append(claim.unit_id)
            return Outcome(status=Status.SUCCEEDED, after=after)

        self.runner(world).run(first, work, Queue.CLASSIFY)
        assert done == [first, second]

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

    @pytest.mark.parametrize("outage", [StorageUnavailable("away"), RedisError("away")])
    def test_an_outage_gives_the_unit_back_and_costs_no_attempt(
        self, world: World, monkeypatch: pytest.MonkeyPatch, outage: Exception
    ) -> None:
        monkeypatch.setattr(runner_module, "OUTAGE_PAUSE_S", 0.01)
        (unit,) = world.create(1)

        def work(claim: Claim, lease: lease.Lease) -> Outcome:
            raise outage

        for _ in range(5):
            self.runner(world).run(unit, work)
        assert len(world.sent) == 5
        job = world.jobs.get(unit.partition(":")[0])
        assert (job.status, job.attempt) == (Status.RUNNING, 1)

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

    def test_a_thread_goes_on_with_what_waits_in_its_queue(self, world: World) -> None:
        first, *rest = units = [world.create(1)[0] for _ in range(3)]
        world.let_wait(rest)
        world.redis.lpush(keys.PREFIX + "classify", "a message of somebody else's")
        ran: list[str] = []

        def work(claim: Claim, held: lease.Lease) -> Outcome:
            ran.append(claim.unit_id)
            return Outcome(status=Status.SUCCEEDED, result={})

        self.runner(world).run(first, work, Queue.CLASSIFY)
        assert ran == units
        assert world.redis.lrange(keys.PREFIX + "classify", 0, -1) == ["a message of somebody else's"]

    def test_a_thread_takes_no_more_than_its_share(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runner_module, "MOST_IN_A_ROW", 2)
        first, *rest = [world.create(1)[0] for _ in range(4)]
        world.let_wait(rest)
        self.runner(world).run(first, lambda *_: Outcome(status=Status.SUCCEEDED, result={}), Queue.CLASSIFY)
        assert [unit for _, unit in world.sent] == rest[1:]

    def test_a_thread_of_a_stopping_process_takes_nothing(self, world: World) -> None:
        first, *rest = [world.create(1)[0] for _ in range(2)]
        world.let_wait(rest)
        runner = self.runner(world)
        runner.keeper.stop()
        runner.run(first, lambda *_: Outcome(status=Status.SUCCEEDED, result={}), Queue.CLASSIFY)
        assert [unit for _, unit in world.sent] == rest


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


def test_stuck_work_learns_that_its_lease_ran_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "STALL_S", -60.0)
    (unit,) = world.create(1)
    keeper = LeaseKeeper(world.units)
    with keeper.keep(unit, world.claim(unit).attempt) as held:
        keeper.renew()
        with pytest.raises(LeaseLost):
            held.check()


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
