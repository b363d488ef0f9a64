"""Single units that a process has under way: how many begin, and when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from time import monotonic

import pytest

from shared.jobs.lease import Lease
from shared.jobs.model import Queue, Status
from tests.support.launched import wait_until
from tests.support.open_units import Gate, OpenWorld, Steps, singles, status, units_of, wait_done
from worker import open_units as open_units_module
from worker.open_units import BUSY


def test_what_waits_in_the_queue_is_taken_without_celery(open_world: OpenWorld) -> None:
    first, *rest = units = singles(open_world, 40)
    open_world.let_wait(rest)
    units_of(open_world, Steps()).take(first)
    wait_done(open_world, units)
    assert open_world.sent == []


def test_few_are_under_way_at_a_time(open_world: OpenWorld, gate: Gate) -> None:
    first, *rest = units = singles(open_world, 40)
    open_world.let_wait(rest)
    steps = Steps()
    second_step = Gate()
    steps.model = second_step
    open_units = units_of(open_world, steps)
    open_units.take(first)
    wait_until(lambda: steps.batches == [1], 5, "the first is predicted")
    # Those that the first one's end makes room for wait in their first step.
    steps.host = gate
    second_step.open()
    wait_until(lambda: len(steps.prepared) == 1 + BUSY, 5, "all places are taken")
    assert not Event().wait(0.1)
    assert len(steps.prepared) == 1 + BUSY
    assert len(open_world.sent) == len(rest) - BUSY
    gate.open()
    wait_done(open_world, units)


def test_the_next_unit_is_taken_while_others_wait_for_their_hosts(
    open_world: OpenWorld, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "BUSY", 1)
    slow, quick = singles(open_world, 2)
    steps = Steps(host=gate.wait_idle)
    open_units = units_of(open_world, steps)
    began = monotonic()
    open_units.take(slow)
    assert monotonic() - began < open_units_module.HOLD_S
    steps.host = lambda _: None
    open_units.take(quick)
    wait_done(open_world, [quick])
    assert status(open_world, slow) is Status.RUNNING
    gate.open()
    wait_done(open_world, [slow])


def test_a_thread_of_celery_waits_for_room_but_not_for_long(
    open_world: OpenWorld, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "BUSY", 1)
    units = singles(open_world, 2)
    open_units = units_of(open_world, Steps(host=gate))
    for unit in units:
        began = monotonic()
        open_units.take(unit)
        assert monotonic() - began >= open_units_module.HOLD_S
    assert [status(open_world, unit) for unit in units] == [Status.RUNNING] * 2


def test_a_thread_of_celery_waits_for_an_end_when_too_many_are_open(
    open_world: OpenWorld, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "MOST_OPEN", 2)
    first, second = singles(open_world, 2)
    open_units = units_of(open_world, Steps(host=gate.wait_idle))
    open_units.take(first)
    with ThreadPoolExecutor(1) as celery:
        returned = celery.submit(open_units.take, second)
        assert not wait([returned], 2 * open_units_module.HOLD_S).done
        gate.open()
        returned.result(5)
    wait_done(open_world, [first, second])


def test_nothing_begins_beside_a_unit_that_is_alone(open_world: OpenWorld, gate: Gate) -> None:
    suspect, waiting, brought = singles(open_world, 3)
    for _ in range(2):
        open_world.lose(suspect)
    open_world.take_all()
    steps = Steps(host=gate)
    open_units = units_of(open_world, steps)
    open_units.take(suspect)
    wait_until(lambda: steps.prepared == [suspect], 5, "it runs")
    open_world.let_wait([waiting])
    with ThreadPoolExecutor(1) as celery:
        celery.submit(open_units.take, brought)
        assert not Event().wait(0.3)
        assert steps.prepared == [suspect]
        assert open_world.units.waits(brought)
        gate.open()
    wait_done(open_world, [suspect, waiting, brought])


def test_what_is_left_of_pictures_takes_places(
    open_world: OpenWorld, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "MOST_OPEN", 3)
    first, *rest = units = singles(open_world, 10)
    open_world.let_wait(rest)
    open_units = units_of(open_world, Steps(after=lambda _: gate()))
    with ThreadPoolExecutor(1) as celery:
        celery.submit(open_units.take, first)
        wait_done(open_world, units[:3])
        assert not Event().wait(0.3)
        assert [unit for _, unit in open_world.sent] == units[3:]
        gate.open()
    for unit in units[3:]:
        open_units.take(unit)
    wait_done(open_world, units)


def test_a_unit_that_waits_for_its_turn_goes_back_when_others_want_its_thread(
    open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit,) = singles(open_world, 1)
    open_units = units_of(open_world, Steps(host=Lease.check_turn))
    monkeypatch.setattr(open_units_module, "CROWDED", 0)
    open_units.take(unit)
    wait_until(lambda: open_world.sent == [(Queue.CLASSIFY, unit)], 5, "it goes back")
    open_world.take_all()
    monkeypatch.undo()
    open_units.take(unit)
    wait_done(open_world, [unit])
    assert open_world.jobs.get(unit.partition(":")[0]).attempt == 1


def test_a_unit_that_was_lost_keeps_its_thread_however_many_want_it(
    open_world: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit,) = singles(open_world, 1)
    open_world.lose(unit)
    open_world.take_all()
    monkeypatch.setattr(open_units_module, "CROWDED", 0)
    units_of(open_world, Steps(host=Lease.check_turn)).take(unit)
    wait_done(open_world, [unit])
