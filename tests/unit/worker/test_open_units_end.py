"""Single units that a process has under way: what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Status
from tests.support.launched import wait_until
from tests.support.open_units import (
    Gate,
    OpenWorld,
    Steps,
    singles,
    status,
    take_behind_the_first,
    units_of,
    wait_done,
)
from worker.outcome import Ready


def test_what_comes_while_one_is_predicted_is_predicted_and_recorded_together(
    open_world: OpenWorld, gate: Gate
) -> None:
    units = singles(open_world, 6)
    steps = Steps(model=gate)
    take_behind_the_first(open_world, steps, units)
    gate.open()
    wait_done(open_world, units)
    assert steps.batches == [1, 5]


def test_the_small_picture_is_told_whether_others_are_under_way(open_world: OpenWorld, gate: Gate) -> None:
    alone, slow, quick = singles(open_world, 3)
    told: list[bool] = []
    steps = Steps(after=told.append)
    open_units = units_of(open_world, steps)
    open_units.take(alone)
    wait_until(lambda: told == [False], 5, "it is alone")
    steps.host = gate
    open_units.take(slow)
    wait_until(lambda: slow in steps.prepared, 5, "the slow one has begun")
    steps.host = lambda _: None
    open_units.take(quick)
    wait_until(lambda: told == [False, True], 5, "it is not")


def test_a_storage_that_hangs_holds_up_no_other_picture(open_world: OpenWorld, gate: Gate) -> None:
    units = singles(open_world, 8)
    open_units = units_of(open_world, Steps(after=lambda _: gate()))
    for unit in units:
        open_units.take(unit)
    wait_done(open_world, units)
    # What hangs is no lease.
    wait_until(lambda: not open_world.busy, 5, "all leases are let go")


def test_a_picture_that_cannot_be_had_is_recorded_with_the_others(open_world: OpenWorld, gate: Gate) -> None:
    class Missing(Steps):
        def prepare(self, claim: Claim, lease: Lease) -> Ready | Outcome:
            ready = super().prepare(claim, lease)
            return Outcome(failed=1, status=Status.FAILED) if claim.unit_id == units[2] else ready

    units = singles(open_world, 4)
    steps = Missing(model=gate)
    take_behind_the_first(open_world, steps, units)
    gate.open()
    wait_done(open_world, [units[0], units[1], units[3]])
    assert status(open_world, units[2]) is Status.FAILED
    assert steps.batches == [1, 2]


def test_a_step_that_raises_ends_with_the_crash_s_outcome(open_world: OpenWorld) -> None:
    broken, good = singles(open_world, 2)

    def raises(_: Lease) -> None:
        raise ZeroDivisionError

    steps = Steps(host=raises)
    open_units = units_of(open_world, steps)
    open_units.take(broken)
    wait_until(lambda: status(open_world, broken) is Status.FAILED, 5, "it failed")
    steps.host = lambda _: None
    open_units.take(good)
    wait_done(open_world, [good])


def test_a_batch_that_breaks_ends_with_the_crash_s_outcomes(open_world: OpenWorld, gate: Gate) -> None:
    units = singles(open_world, 4)

    def raises() -> None:
        gate()
        raise ZeroDivisionError

    steps = Steps(model=raises)
    open_units = units_of(open_world, steps)
    for unit in units[:3]:
        open_units.take(unit)
    wait_until(lambda: len(steps.prepared) == 3, 5, "all have come")
    gate.open()
    wait_until(lambda: all(status(open_world, unit) is Status.FAILED for unit in units[:3]), 5, "all have failed")
    steps.model = lambda: None
    open_units.take(units[3])
    wait_done(open_world, units[3:])
    wait_until(lambda: not open_world.busy, 5, "nothing is held")


def test_a_stopping_process_ends_what_it_has_and_takes_no_more(open_world: OpenWorld, gate: Gate) -> None:
    first, *rest = singles(open_world, 3)
    steps = Steps(model=gate)
    units_of(open_world, steps).take(first)
    wait_until(lambda: steps.batches == [1], 5, "it is predicted")
    open_world.let_wait(rest)
    open_world.runners[0].keeper.stop()
    gate.open()
    wait_done(open_world, [first])
    wait_until(lambda: not open_world.busy, 5, "nothing is under way")
    assert [unit for _, unit in open_world.sent] == rest


def test_what_is_taken_as_the_process_is_told_to_stop_is_not_claimed(
    open_world: OpenWorld, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *rest = singles(open_world, 3)
    steps = Steps(model=gate)
    units_of(open_world, steps).take(first)
    wait_until(lambda: steps.batches == [1], 5, "it is predicted")
    open_world.let_wait(rest)
    (runner,) = open_world.runners
    finish = runner.finish

    def stopped_meanwhile(*args: Any) -> Any:
        finished = finish(*args)
        runner.keeper.stop()
        return finished

    monkeypatch.setattr(runner, "finish", stopped_meanwhile)
    gate.open()
    wait_done(open_world, [first])
    wait_until(lambda: open_world.sent == [], 5, "their messages are taken")
    wait_until(lambda: not open_world.busy, 5, "nothing is under way")
    assert all(map(open_world.units.waits, rest))
