"""Units that a worker runs: what ends them, gives them back, and what is taken next."""

from __future__ import annotations

import threading
import time

import pytest
from redis.exceptions import RedisError

from shared.errors import StorageUnavailable
from shared.jobs import keys, lease
from shared.jobs import runner as runner_module
from shared.jobs.model import Claim, Outcome, Queue, Status
from shared.jobs.runner import Runner
from tests.support.unit_world import UnitWorld, epitaph


def runner(world: UnitWorld) -> Runner:
    return Runner(world.units, crashed=epitaph)


def test_work_that_raises_ends_with_the_crash_s_outcome(world: UnitWorld) -> None:
    (unit,) = world.create(1)

    def work(claim: Claim, lease: lease.Lease) -> Outcome:
        raise ZeroDivisionError

    runner(world).run(unit, work)
    assert world.jobs.get(unit.partition(":")[0]).status is Status.FAILED


def test_a_crash_that_cannot_be_written_gives_the_unit_back(world: UnitWorld) -> None:
    (unit,) = world.create(1)

    def work(claim: Claim, lease: lease.Lease) -> Outcome:
        raise ZeroDivisionError

    def crashed(claim: Claim) -> Outcome:
        raise StorageUnavailable("writing: no answer")

    Runner(world.units, crashed=crashed).run(unit, work)
    assert world.sent == [(Queue.CLASSIFY, unit)]


def test_the_unit_taken_next_runs_though_the_rest_of_the_last_fails(world: UnitWorld) -> None:
    first, second = world.create(1) + world.create(1)
    world.let_wait([second])
    done, waited = [], []

    def after(others_wait: bool) -> None:
        waited.append(others_wait)
        raise ZeroDivisionError

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        done.append(claim.unit_id)
        return Outcome(status=Status.SUCCEEDED, after=after)

    runner(world).run(first, work, Queue.CLASSIFY)
    assert done == [first, second]
    assert waited == [True, False]


def test_work_is_told_that_its_job_is_canceled(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW_EVERY_S", 0.05)
    (unit,) = world.create(1)
    job_id = unit.partition(":")[0]

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        world.jobs.cancel(job_id)
        while True:
            held.check()
            time.sleep(0.01)

    runner(world).run(unit, work)
    assert world.jobs.get(job_id).status is Status.CANCELED


@pytest.mark.parametrize("outage", [StorageUnavailable("away"), RedisError("away")])
def test_an_outage_gives_the_unit_back_and_costs_no_attempt(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch, outage: Exception
) -> None:
    monkeypatch.setattr(runner_module, "OUTAGE_PAUSE_S", 0.01)
    (unit,) = world.create(1)

    def work(claim: Claim, lease: lease.Lease) -> Outcome:
        raise outage

    for _ in range(5):
        runner(world).run(unit, work)
    assert len(world.sent) == 5
    job = world.jobs.get(unit.partition(":")[0])
    assert (job.status, job.attempt) == (Status.RUNNING, 1)


def test_a_stopping_process_gives_its_units_back(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    stopping = runner(world)
    begun = threading.Event()

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        begun.set()
        while True:
            held.check()
            time.sleep(0.01)

    thread = threading.Thread(target=stopping.run, args=(unit, work))
    thread.start()
    assert begun.wait(5)
    stopping.keeper.stop()
    thread.join(5)
    assert world.sent == [(Queue.CLASSIFY, unit)]
    assert world.claim(unit).attempt == 2


def test_a_thread_goes_on_with_what_waits_in_its_queue(world: UnitWorld) -> None:
    first, *rest = units = [world.create(1)[0] for _ in range(3)]
    world.let_wait(rest)
    world.redis.lpush(keys.PREFIX + "classify", "a message of somebody else's")
    ran: list[str] = []

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        ran.append(claim.unit_id)
        return Outcome(status=Status.SUCCEEDED, result={})

    runner(world).run(first, work, Queue.CLASSIFY)
    assert ran == units
    assert world.redis.lrange(keys.PREFIX + "classify", 0, -1) == ["a message of somebody else's"]


def test_a_thread_takes_no_more_than_its_share(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "MOST_IN_A_ROW", 2)
    first, *rest = [world.create(1)[0] for _ in range(4)]
    world.let_wait(rest)
    runner(world).run(first, lambda *_: Outcome(status=Status.SUCCEEDED, result={}), Queue.CLASSIFY)
    assert [unit for _, unit in world.sent] == rest[1:]


def test_a_thread_of_a_stopping_process_takes_nothing(world: UnitWorld) -> None:
    first, *rest = [world.create(1)[0] for _ in range(2)]
    world.let_wait(rest)
    stopping = runner(world)
    stopping.keeper.stop()
    stopping.run(first, lambda *_: Outcome(status=Status.SUCCEEDED, result={}), Queue.CLASSIFY)
    assert [unit for _, unit in world.sent] == rest
