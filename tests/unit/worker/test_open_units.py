"""Single units taken on one after the other, on a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, get_ident

import pytest
from redis import Redis

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Queue, Status
from shared.jobs.runner import Runner, Work
from tests.support.launched import wait_until
from tests.support.unit_world import UnitWorld, epitaph
from worker import open_units as open_units_module
from worker.open_units import OpenUnits

DONE = Outcome(status=Status.SUCCEEDED, result={})


class SlowHost:
    """Work whose first unit waits for its host; the others need not."""

    def __init__(self) -> None:
        self.answers = Event()
        self.threads: dict[str, int] = {}

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        first = not self.threads
        self.threads[claim.unit_id] = get_ident()
        if first:
            with lease.idling(10):
                assert self.answers.wait(10)
        return DONE


@pytest.fixture
def world(redis: Redis) -> UnitWorld:
    return UnitWorld(redis)


@pytest.fixture
def host() -> Iterator[SlowHost]:
    host = SlowHost()
    yield host
    host.answers.set()


def units_of(world: UnitWorld, work: Work) -> OpenUnits:
    return OpenUnits(Runner(world.units, crashed=epitaph), work, Queue.CLASSIFY)


def status(world: UnitWorld, unit: str) -> Status:
    return world.jobs.get(unit.partition(":")[0]).status


def test_what_waits_in_the_queue_is_done_by_the_same_thread(world: UnitWorld) -> None:
    first, *rest = units = [world.create(1)[0] for _ in range(3)]
    world.let_wait(rest)
    threads = set()

    def work(claim: Claim, lease: Lease) -> Outcome:
        threads.add(get_ident())
        return DONE

    units_of(world, work).take(first)
    assert [status(world, unit) for unit in units] == [Status.SUCCEEDED] * 3
    assert len(threads) == 1


def test_the_next_unit_is_taken_while_one_waits_for_its_host(world: UnitWorld, host: SlowHost) -> None:
    slow, quick = world.create(1) + world.create(1)
    open_units = units_of(world, host)
    open_units.take(slow)
    assert status(world, slow) is Status.RUNNING
    open_units.take(quick)
    assert status(world, quick) is Status.SUCCEEDED
    host.answers.set()
    wait_until(lambda: status(world, slow) is Status.SUCCEEDED, 5, "the slow one is done")


def test_whoever_was_left_waiting_leaves_the_queue_to_others(world: UnitWorld, host: SlowHost) -> None:
    slow, second, third, last = [world.create(1)[0] for _ in range(4)]
    open_units = units_of(world, host)
    open_units.take(slow)
    world.let_wait([second, third, last])
    host.answers.set()
    wait_until(lambda: status(world, second) is Status.SUCCEEDED, 5, "what was asked for beforehand is done")
    assert [status(world, unit) for unit in (third, last)] == [Status.QUEUED] * 2


def test_a_unit_that_waits_for_its_turn_goes_back_when_others_want_its_thread(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit,) = world.create(1)

    def work(claim: Claim, lease: Lease) -> Outcome:
        lease.check_turn()
        return DONE

    open_units = units_of(world, work)
    monkeypatch.setattr(open_units_module, "CROWDED", 0)
    open_units.take(unit)
    assert world.sent == [(Queue.CLASSIFY, unit)]
    world.take_all()
    monkeypatch.undo()
    open_units.take(unit)
    assert (world.jobs.get(unit.partition(":")[0]).attempt, status(world, unit)) == (1, Status.SUCCEEDED)


def test_a_unit_that_was_lost_keeps_its_thread_however_many_want_it(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit,) = world.create(1)
    world.lose(unit)
    world.take_all()

    def work(claim: Claim, lease: Lease) -> Outcome:
        lease.check_turn()
        return DONE

    monkeypatch.setattr(open_units_module, "CROWDED", 0)
    units_of(world, work).take(unit)
    assert status(world, unit) is Status.SUCCEEDED


def test_a_unit_that_computes_is_waited_for(world: UnitWorld) -> None:
    (unit,) = world.create(1)

    def work(claim: Claim, lease: Lease) -> Outcome:
        Event().wait(0.2)
        return DONE

    units_of(world, work).take(unit)
    assert status(world, unit) is Status.SUCCEEDED
