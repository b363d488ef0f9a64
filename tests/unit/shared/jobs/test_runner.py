"""Units that a worker runs: what ends them, gives them back, and what is taken next."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis.exceptions import RedisError

from shared.errors import StorageUnavailable
from shared.jobs import keys, lease
from shared.jobs import runner as runner_module
from shared.jobs.model import Claim, Outcome, Queue, Status
from shared.jobs.runner import Runner
from shared.jobs.running import Running
from shared.logs import fields
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


def test_what_is_left_to_do_may_fail(world: UnitWorld, caplog: pytest.LogCaptureFixture) -> None:
    (unit,) = world.create(1)

    def after(others_wait: bool) -> None:
        assert not others_wait
        raise ZeroDivisionError

    runner(world).run(unit, lambda *_: Outcome(status=Status.SUCCEEDED, result={}, after=after))
    assert world.jobs.get(unit.partition(":")[0]).status is Status.SUCCEEDED
    assert "its outcome stands" in caplog.text


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


def test_only_what_runs_alone_takes_the_next_from_the_queue(world: UnitWorld) -> None:
    suspect, follower, good, last = (world.create(1)[0] for _ in range(4))
    for _ in range(2):
        world.lose(suspect)
    world.take_all()
    world.let_wait([follower])
    world.redis.lpush(keys.PREFIX + "classify", "a message of somebody else's")
    ran: list[str] = []

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        ran.append(claim.unit_id)
        return Outcome(status=Status.SUCCEEDED, result={})

    runner(world).run(suspect, work, Queue.CLASSIFY)
    assert ran == [suspect, follower]
    assert world.redis.lrange(keys.PREFIX + "classify", 0, -1) == ["a message of somebody else's"]
    world.take_all()
    world.let_wait([last])
    runner(world).run(good, work, Queue.CLASSIFY)
    assert ran == [suspect, follower, good]
    assert world.sent == [(Queue.CLASSIFY, last)]


def test_a_stopping_process_takes_nothing(world: UnitWorld) -> None:
    suspect, waiting = (world.create(1)[0] for _ in range(2))
    for _ in range(2):
        world.lose(suspect)
    world.take_all()
    world.let_wait([waiting])
    stopping = runner(world)
    stopping.keeper.stop()
    stopping.run(suspect, lambda *_: Outcome(status=Status.SUCCEEDED, result={}), Queue.CLASSIFY)
    assert world.sent == [(Queue.CLASSIFY, waiting)]


def begin(world: UnitWorld, units: list[str]) -> tuple[list[Running], list[str]]:
    begun, others = runner(world).begin(units, patient=True)
    for running in begun:
        running.close()
    return begun, others


def test_units_are_begun_together_but_for_those_that_others_have(world: UnitWorld) -> None:
    first, taken, last = (world.create(1)[0] for _ in range(3))
    world.claim(taken)
    begun, others = begin(world, [first, taken, last])
    assert ([running.claim.unit_id for running in begun], others) == ([first, last], [])


def test_what_was_lost_is_not_begun_beside_others(world: UnitWorld) -> None:
    lost, good = (world.create(1)[0] for _ in range(2))
    world.lose(lost)
    begun, others = begin(world, [lost, good])
    assert ([running.claim.unit_id for running in begun], others) == ([good], [lost])
    assert world.units.waits(lost)


def test_nothing_is_begun_beside_who_is_alone(world: UnitWorld) -> None:
    suspect, good = (world.create(1)[0] for _ in range(2))
    for _ in range(2):
        world.lose(suspect)
    alone = runner(world)
    begun = []

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        begun.append(alone.begin([good], patient=False))
        return Outcome(status=Status.SUCCEEDED, result={})

    alone.run(suspect, work)
    assert begun == [([], [good])]
    assert world.units.waits(good)
    # It has left, and nothing is in anybody's way.
    ((running,), others) = alone.begin([good], patient=False)
    running.close()
    assert others == []


def test_outcomes_are_recorded_together_but_for_what_was_lost_meanwhile(world: UnitWorld) -> None:
    units = [world.create(1)[0] for _ in range(3)]
    waiting = world.create(1)
    world.let_wait(waiting)
    together = runner(world)
    begun, _ = together.begin(units, patient=True)
    world.redis.hset(keys.unit(units[1]), "attempt", 7)
    ended = [(running, Outcome(status=Status.SUCCEEDED, result={})) for running in begun]
    stand, taken = together.finish(ended, Queue.CLASSIFY, 5)
    for running in begun:
        running.close()
    assert [running.claim.unit_id for running, _ in stand] == [units[0], units[2]]
    assert taken == waiting
    jobs = [world.jobs.get(unit.partition(":")[0]).status for unit in units]
    assert jobs == [Status.SUCCEEDED, Status.RUNNING, Status.SUCCEEDED]


def test_a_claim_or_an_outcome_that_is_sent_twice_counts_once(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    for _ in range(2):
        (claim,) = world.units.claim_all([(unit, "this delivery")], losses=0)
        assert isinstance(claim, Claim)
        assert claim.attempt == 1
    for _ in range(2):
        assert world.units.finish_all([(unit, 1, Outcome(status=Status.SUCCEEDED, result={}))])[0] == [True]
    assert world.jobs.get(unit.partition(":")[0]).progress["done"] == 1


def test_each_step_has_the_unit_on_its_lines_of_the_log_whatever_thread_it_is_in(world: UnitWorld) -> None:
    units = [world.create(1)[0] for _ in range(2)]
    steps = runner(world)
    begun, _ = steps.begin(units, patient=True)
    with ThreadPoolExecutor(2) as threads:
        for _ in range(3):
            named = [threads.submit(steps.step, running, lambda *_: fields()["unit"]) for running in begun]
            assert [each.result() for each in named] == units
    assert "unit" not in fields()
    for running in begun:
        running.close()


def test_a_unit_that_cannot_be_read_leaves_no_place_taken(world: UnitWorld) -> None:
    damaged, suspect = (world.create(1)[0] for _ in range(2))
    world.redis.hset(keys.unit(damaged), "payload", "{")
    for _ in range(2):
        world.lose(suspect)
    process = runner(world)
    with pytest.raises(ValueError, match="Expecting"):
        process.begin([damaged], patient=True)
    # Were one left, it would wait for ever to be alone.
    process.run(suspect, lambda *_: Outcome(status=Status.SUCCEEDED, result={}))
    assert world.jobs.get(suspect.partition(":")[0]).status is Status.SUCCEEDED


def test_a_unit_without_its_job_takes_no_other_along(world: UnitWorld) -> None:
    orphan, good = (world.create(1)[0] for _ in range(2))
    world.redis.delete(keys.job(orphan.partition(":")[0]))
    begun, others = begin(world, [orphan, good])
    assert ([running.claim.unit_id for running in begun], others) == ([good], [])
