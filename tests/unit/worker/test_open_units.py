"""Single units that a process has under way, on a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event, Lock
from time import monotonic
from typing import cast

import pytest
from redis import Redis

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Queue, Status
from shared.jobs.runner import Runner
from tests.support.launched import wait_until
from tests.support.unit_world import UnitWorld, epitaph
from worker import open_units as open_units_module
from worker.open_units import BUSY, OpenUnits
from worker.outcome import Ready
from worker.single import SingleWork

DONE = Outcome(status=Status.SUCCEEDED, result={})


class Steps:
    """Stands in for `SingleWork`: says what was done, and lets steps wait.

    Attributes:
        prepared: units that began.
        batches: how many were predicted at a time.
        host: called in the first step.
        model: called in the second one.
        after: called once the outcome stands, and told whether others are under way.
    """

    def __init__(
        self,
        host: Callable[[Lease], None] = lambda _: None,
        model: Callable[[], None] = lambda: None,
        after: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self.host = host
        self.model = model
        self.after = after
        self.prepared: list[str] = []
        self.batches: list[int] = []
        self._lock = Lock()

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        self.prepare(claim, lease)
        return DONE

    def prepare(self, claim: Claim, lease: Lease) -> Ready | Outcome:
        with self._lock:
            self.prepared.append(claim.unit_id)
        self.host(lease)
        # The second step asks nothing of it.
        return Ready(*[None] * 5)  # type: ignore[arg-type]

    def predict(self, batch: Sequence[tuple[Claim, Ready]]) -> list[Outcome]:
        if batch:
            self.batches.append(len(batch))
            self.model()
        return [Outcome(status=Status.SUCCEEDED, result={}, after=self.after) for _ in batch]


class Gate:
    """Lets nobody pass until it is open."""

    def __init__(self) -> None:
        self._open = Event()

    def __call__(self, lease: Lease | None = None) -> None:
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()

    def wait_idle(self, lease: Lease) -> None:
        """Waits as for a slow host."""
        with lease.idling(10):
            self()


class World(UnitWorld):
    """Units and the processes that run them."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.runners: list[Runner] = []

    @property
    def busy(self) -> bool:
        return any(runner.keeper.busy for runner in self.runners)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def world(redis: Redis, gate: Gate) -> Iterator[World]:
    world = World(redis)
    yield world
    gate.open()
    # Or they would take what the next test lets wait.
    wait_until(lambda: not world.busy, 5, "all threads have ended their units")


def units_of(world: World, steps: Steps) -> OpenUnits:
    runner = Runner(world.units, crashed=epitaph)
    world.runners.append(runner)
    return OpenUnits(runner, cast(SingleWork, steps), Queue.CLASSIFY)


def singles(world: World, count: int) -> list[str]:
    return [world.create(1)[0] for _ in range(count)]


def status(world: World, unit: str) -> Status:
    return world.jobs.get(unit.partition(":")[0]).status


def wait_done(world: World, units: Sequence[str]) -> None:
    wait_until(lambda: all(status(world, unit) is Status.SUCCEEDED for unit in units), 10, "all are done")


def test_what_waits_in_the_queue_is_taken_without_celery(world: World) -> None:
    first, *rest = units = singles(world, 40)
    world.let_wait(rest)
    units_of(world, Steps()).take(first)
    wait_done(world, units)
    assert world.sent == []


def test_few_are_under_way_at_a_time(world: World, gate: Gate) -> None:
    first, *rest = units = singles(world, 40)
    world.let_wait(rest)
    steps = Steps()
    second_step = Gate()
    steps.model = second_step
    open_units = units_of(world, steps)
    open_units.take(first)
    wait_until(lambda: steps.batches == [1], 5, "the first is predicted")
    # Those that the first one's end makes room for wait in their first step.
    steps.host = gate
    second_step.open()
    wait_until(lambda: len(steps.prepared) == 1 + BUSY, 5, "all places are taken")
    assert not Event().wait(0.1)
    assert len(steps.prepared) == 1 + BUSY
    assert len(world.sent) == len(rest) - BUSY
    gate.open()
    wait_done(world, units)


def test_what_comes_while_one_is_predicted_is_predicted_and_recorded_together(world: World, gate: Gate) -> None:
    units = singles(world, 6)
    steps = Steps(model=gate)
    open_units = units_of(world, steps)
    open_units.take(units[0])
    wait_until(lambda: steps.batches == [1], 5, "the first is predicted")
    for unit in units[1:]:
        open_units.take(unit)
    wait_until(lambda: len(steps.prepared) == 6, 5, "the others are fetched and decoded meanwhile")
    gate.open()
    wait_done(world, units)
    assert steps.batches == [1, 5]


def test_the_small_picture_is_told_whether_others_are_under_way(world: World, gate: Gate) -> None:
    alone, slow, quick = singles(world, 3)
    told: list[bool] = []
    steps = Steps(after=told.append)
    open_units = units_of(world, steps)
    open_units.take(alone)
    wait_until(lambda: told == [False], 5, "it is alone")
    steps.host = gate
    open_units.take(slow)
    wait_until(lambda: slow in steps.prepared, 5, "the slow one has begun")
    steps.host = lambda _: None
    open_units.take(quick)
    wait_until(lambda: told == [False, True], 5, "it is not")


def test_the_next_unit_is_taken_while_others_wait_for_their_hosts(
    world: World, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "BUSY", 1)
    slow, quick = singles(world, 2)
    steps = Steps(host=gate.wait_idle)
    open_units = units_of(world, steps)
    began = monotonic()
    open_units.take(slow)
    assert monotonic() - began < open_units_module.HOLD_S
    steps.host = lambda _: None
    open_units.take(quick)
    wait_done(world, [quick])
    assert status(world, slow) is Status.RUNNING
    gate.open()
    wait_done(world, [slow])


def test_a_thread_of_celery_waits_for_room_but_not_for_long(
    world: World, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "BUSY", 1)
    units = singles(world, 2)
    open_units = units_of(world, Steps(host=gate))
    for unit in units:
        began = monotonic()
        open_units.take(unit)
        assert monotonic() - began >= open_units_module.HOLD_S
    assert [status(world, unit) for unit in units] == [Status.RUNNING] * 2


def test_a_thread_of_celery_waits_for_an_end_when_too_many_are_open(
    world: World, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_units_module, "MOST_OPEN", 2)
    first, second = singles(world, 2)
    open_units = units_of(world, Steps(host=gate.wait_idle))
    open_units.take(first)
    with ThreadPoolExecutor(1) as celery:
        returned = celery.submit(open_units.take, second)
        assert not wait([returned], 2 * open_units_module.HOLD_S).done
        gate.open()
        returned.result(5)
    wait_done(world, [first, second])


def test_nothing_begins_beside_a_unit_that_is_alone(world: World, gate: Gate) -> None:
    suspect, waiting, brought = singles(world, 3)
    for _ in range(2):
        world.lose(suspect)
    world.take_all()
    steps = Steps(host=gate)
    open_units = units_of(world, steps)
    open_units.take(suspect)
    wait_until(lambda: steps.prepared == [suspect], 5, "it runs")
    world.let_wait([waiting])
    with ThreadPoolExecutor(1) as celery:
        celery.submit(open_units.take, brought)
        assert not Event().wait(0.3)
        assert steps.prepared == [suspect]
        assert world.units.waits(brought)
        gate.open()
    wait_done(world, [suspect, waiting, brought])


def test_a_storage_that_hangs_holds_up_no_other_picture(world: World, gate: Gate) -> None:
    units = singles(world, 8)
    open_units = units_of(world, Steps(after=lambda _: gate()))
    for unit in units:
        open_units.take(unit)
    wait_done(world, units)
    # What hangs is no lease.
    wait_until(lambda: not world.busy, 5, "all leases are let go")


def test_what_is_left_of_pictures_takes_places(world: World, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_units_module, "MOST_OPEN", 3)
    first, *rest = units = singles(world, 10)
    world.let_wait(rest)
    open_units = units_of(world, Steps(after=lambda _: gate()))
    with ThreadPoolExecutor(1) as celery:
        celery.submit(open_units.take, first)
        wait_done(world, units[:3])
        assert not Event().wait(0.3)
        assert [unit for _, unit in world.sent] == units[3:]
        gate.open()
    for unit in units[3:]:
        open_units.take(unit)
    wait_done(world, units)


def test_a_unit_that_waits_for_its_turn_goes_back_when_others_want_its_thread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit,) = singles(world, 1)
    open_units = units_of(world, Steps(host=Lease.check_turn))
    monkeypatch.setattr(open_units_module, "CROWDED", 0)
    open_units.take(unit)
    wait_until(lambda: world.sent == [(Queue.CLASSIFY, unit)], 5, "it goes back")
    world.take_all()
    monkeypatch.undo()
    open_units.take(unit)
    wait_done(world, [unit])
    assert world.jobs.get(unit.partition(":")[0]).attempt == 1


def test_a_unit_that_was_lost_keeps_its_thread_however_many_want_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (unit,) = singles(world, 1)
    world.lose(unit)
    world.take_all()
    monkeypatch.setattr(open_units_module, "CROWDED", 0)
    units_of(world, Steps(host=Lease.check_turn)).take(unit)
    wait_done(world, [unit])


def test_a_picture_that_cannot_be_had_is_recorded_with_the_others(world: World, gate: Gate) -> None:
    class Missing(Steps):
        def prepare(self, claim: Claim, lease: Lease) -> Ready | Outcome:
            ready = super().prepare(claim, lease)
            return Outcome(failed=1, status=Status.FAILED) if claim.unit_id == units[2] else ready

    units = singles(world, 4)
    steps = Missing(model=gate)
    open_units = units_of(world, steps)
    open_units.take(units[0])
    wait_until(lambda: steps.batches == [1], 5, "the first is predicted")
    for unit in units[1:]:
        open_units.take(unit)
    wait_until(lambda: len(steps.prepared) == 4, 5, "the others have come")
    gate.open()
    wait_done(world, [units[0], units[1], units[3]])
    assert status(world, units[2]) is Status.FAILED
    assert steps.batches == [1, 2]


def test_a_step_that_raises_ends_with_the_crash_s_outcome(world: World) -> None:
    broken, good = singles(world, 2)

    def raises(_: Lease) -> None:
        raise ZeroDivisionError

    steps = Steps(host=raises)
    open_units = units_of(world, steps)
    open_units.take(broken)
    wait_until(lambda: status(world, broken) is Status.FAILED, 5, "it failed")
    steps.host = lambda _: None
    open_units.take(good)
    wait_done(world, [good])


def test_a_batch_that_breaks_ends_with_the_crash_s_outcomes(world: World, gate: Gate) -> None:
    units = singles(world, 4)

    def raises() -> None:
        gate()
        raise ZeroDivisionError

    steps = Steps(model=raises)
    open_units = units_of(world, steps)
    for unit in units[:3]:
        open_units.take(unit)
    wait_until(lambda: len(steps.prepared) == 3, 5, "all have come")
    gate.open()
    wait_until(lambda: all(status(world, unit) is Status.FAILED for unit in units[:3]), 5, "all have failed")
    steps.model = lambda: None
    open_units.take(units[3])
    wait_done(world, units[3:])
    wait_until(lambda: not world.busy, 5, "nothing is held")


def test_a_stopping_process_ends_what_it_has_and_takes_no_more(world: World, gate: Gate) -> None:
    first, *rest = singles(world, 3)
    steps = Steps(model=gate)
    units_of(world, steps).take(first)
    wait_until(lambda: steps.batches == [1], 5, "it is predicted")
    world.let_wait(rest)
    world.runners[0].keeper.stop()
    gate.open()
    wait_done(world, [first])
    wait_until(lambda: not world.busy, 5, "nothing is under way")
    assert [unit for _, unit in world.sent] == rest
