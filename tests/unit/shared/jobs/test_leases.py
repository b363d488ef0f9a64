"""Claims, fencing, and leases that are kept while work advances."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY

from shared.jobs import keys, lease
from shared.jobs.lease import JobCanceled, LeaseKeeper, LeaseLost
from shared.jobs.model import Outcome, Queue, Status
from tests.support import threads
from tests.support.launched import wait_until
from tests.support.unit_world import UnitWorld


def test_a_message_delivered_twice_does_nothing(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    assert world.units.claim(unit, "one") is not None
    assert world.units.claim(unit, "two") is None


def test_a_claim_sent_twice_by_one_worker_is_one_claim(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    assert world.claim(unit, "one").attempt == world.claim(unit, "one").attempt == 1


@pytest.mark.parametrize("unit_id", ["", "x", "x:0", "é:1", ":"])
def test_an_unknown_unit_is_nobody_s(world: UnitWorld, unit_id: str) -> None:
    assert world.units.claim(unit_id, "token") is None


def test_an_outcome_sent_twice_counts_once(world: UnitWorld) -> None:
    unit, _ = world.create(2, 2)
    claim = world.claim(unit)
    assert world.units.finish(unit, claim.attempt, Outcome(done=2))
    assert world.units.finish(unit, claim.attempt, Outcome(done=2))
    assert world.jobs.get(claim.job_id).progress["done"] == 2


def test_a_worker_that_lost_its_lease_cannot_write(world: UnitWorld) -> None:
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


def test_a_unit_that_was_lost_is_given_back_in_front_of_those_that_wait(world: UnitWorld) -> None:
    lost, waiting = [world.create(1)[0] for _ in range(2)]
    world.lose(lost)
    world.take_all()
    for unit in (waiting, lost):
        assert world.units.release(unit, world.claim(unit).attempt)
    assert world.sent == [(Queue.CLASSIFY, lost), (Queue.CLASSIFY, waiting)]


def test_giving_back_a_unit_of_a_canceled_job_ends_it(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    world.jobs.cancel(claim.job_id)
    assert not world.units.release(unit, claim.attempt)
    assert world.jobs.get(claim.job_id).status is Status.CANCELED


def test_giving_a_unit_back_costs_no_attempt_and_sends_it_again(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    for _ in range(5):
        world.take_all()
        claim = world.claim(unit)
        assert world.units.release(unit, claim.attempt)
        assert world.sent == [(Queue.CLASSIFY, unit)]
    assert world.redis.hget(keys.unit(unit), "lost") is None


def test_stuck_work_is_not_renewed_and_a_bounded_wait_is(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_stuck_work_learns_that_its_lease_ran_out(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "STALL_S", -60.0)
    (unit,) = world.create(1)
    keeper = LeaseKeeper(world.units)
    with keeper.keep(unit, world.claim(unit).attempt) as held:
        keeper.renew()
        with pytest.raises(LeaseLost):
            held.check()


def test_work_notices_that_its_lease_is_lost(world: UnitWorld) -> None:
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


def test_a_canceled_job_s_work_notices_at_its_next_renewal(world: UnitWorld) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    keeper = LeaseKeeper(world.units)
    with keeper.keep(unit, claim.attempt) as held:
        world.jobs.cancel(claim.job_id)
        keeper.renew()
        with pytest.raises(JobCanceled):
            held.check()


@pytest.mark.parametrize(("finishing", "lost"), [(True, 0), (False, 1)])
def test_a_lease_that_ends_with_its_outcome_is_not_called_lost(
    world: UnitWorld, caplog: pytest.LogCaptureFixture, *, finishing: bool, lost: int
) -> None:
    (unit,) = world.create(1)
    claim = world.claim(unit)
    keeper = LeaseKeeper(world.units)

    def losses() -> float:
        return REGISTRY.get_sample_value("loupe_worker_lease_losses_total", {"reason": "taken"}) or 0.0

    before = losses()
    with keeper.keep(unit, claim.attempt) as held:
        held.finishing = finishing
        # The outcome is there, and the answer that says so is still on its way.
        world.units.finish(unit, claim.attempt, Outcome(status=Status.SUCCEEDED))
        keeper.renew()

    assert losses() - before == lost
    assert ("lost the lease" in caplog.text) is bool(lost)


def test_leases_are_renewed_though_no_thread_could_be_started_for_that_at_first(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "RENEW_EVERY_S", 0.01)
    first, second = (world.create(1)[0] for _ in range(2))
    keeper = LeaseKeeper(world.units)
    with threads.none_left(), pytest.raises(RuntimeError), keeper.keep(first, world.claim(first).attempt):
        pytest.fail("nobody would have renewed it")
    # Nobody works on the first one, which is somebody else's soon
    assert not keeper.busy
    with keeper.keep(second, world.claim(second).attempt):
        world.redis.zadd(keys.LEASES, {second: 1})
        wait_until(lambda: world.redis.zscore(keys.LEASES, second) > 1, 5, "the lease to be renewed")
