"""Units run side by side, but for one that may kill its process."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.jobs import gate as gate_module
from shared.jobs import keys
from shared.jobs.gate import Gate
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Queue, Status
from shared.jobs.runner import Runner
from tests.support.launched import wait_until
from tests.support.unit_world import UnitWorld, epitaph


def test_one_alone_waits_for_the_others_and_they_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "LOOK_EVERY_S", 0.01)
    gate, leave, waits, order = Gate(), threading.Event(), threading.Event(), []

    def other() -> None:
        with gate.inside():
            leave.wait(5)
            order.append("other")

    def suspect() -> None:
        with gate.alone(waits.set):
            order.append("suspect")

    def late() -> None:
        with gate.inside():
            order.append("late")

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(other)]
        wait_until(lambda: gate._inside, 5, "the first one is inside")
        asked.append(pool.submit(suspect))
        assert waits.wait(5)
        asked.append(pool.submit(late))
        time.sleep(0.05)
        assert order == []
        leave.set()
        for each in asked:
            each.result(5)
    assert order == ["other", "suspect", "late"]


def test_two_who_want_to_be_alone_are_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "LOOK_EVERY_S", 0.01)
    gate, inside = Gate(), []

    def suspect(_: int) -> int:
        with gate.alone(lambda: None):
            inside.append(1)
            time.sleep(0.05)
            together = len(inside)
            inside.pop()
            return together

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(suspect, range(4))) == [1] * 4


def test_who_gives_up_waiting_lets_the_others_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "LOOK_EVERY_S", 0.01)
    gate = Gate()

    def give_up() -> None:
        raise InterruptedError

    with gate.inside():
        with pytest.raises(InterruptedError), gate.alone(give_up):
            pytest.fail("it was not alone")
        with gate.inside():
            pass


def test_a_unit_lost_twice_has_its_process_for_itself(world: UnitWorld) -> None:
    # Given a unit that was lost twice, and one that was not
    suspect, other = world.create(1) + world.create(1)
    world.lose(suspect)
    world.lose(suspect)
    runner = Runner(world.units, crashed=epitaph)

    began, order = threading.Event(), []

    def slow(claim: Claim, lease: Lease) -> Outcome:
        began.set()
        wait_until(lambda: runner._gate._alone, 5, "the suspect waits for its turn")
        # Unclaimed, so that the end of this process would not be its third loss
        assert world.redis.hget(keys.unit(suspect), "state") == "queued"
        order.append(claim.unit_id)
        return Outcome()

    def quick(claim: Claim, lease: Lease) -> Outcome:
        order.append(claim.unit_id)
        return Outcome()

    # When both are run side by side
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(runner.run, other, slow)
        assert began.wait(5)
        second = pool.submit(runner.run, suspect, quick)
        first.result(5)
        second.result(5)
    # Then the suspect waited for the other to end
    assert order == [other, suspect]


def test_a_suspect_that_comes_twice_runs_once(world: UnitWorld) -> None:
    (suspect,) = world.create(1)
    world.lose(suspect)
    world.lose(suspect)
    runner = Runner(world.units, crashed=epitaph)
    ran: list[str] = []

    def work(claim: Claim, lease: Lease) -> Outcome:
        ran.append(claim.unit_id)
        return Outcome(status=Status.SUCCEEDED)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(runner.run, suspect, work) for _ in range(4)]:
            each.result(10)
    assert ran == [suspect]


def test_a_process_that_waits_with_a_suspect_goes_on_once_another_has_run_it(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "LOOK_EVERY_S", 0.01)
    suspect, slow, other = (world.create(1)[0] for _ in range(3))
    world.lose(suspect)
    world.lose(suspect)
    first, second = (Runner(world.units, crashed=epitaph) for _ in range(2))
    began, let_go, ran = threading.Event(), threading.Event(), []

    def work(claim: Claim, _: Lease) -> Outcome:
        ran.append(claim.unit_id)
        if claim.unit_id == slow:
            began.set()
            assert let_go.wait(5)
        return Outcome(status=Status.SUCCEEDED, result={})

    with ThreadPoolExecutor(3) as pool:
        # Given two processes that were sent the same suspect; one of them is busy for long and lets nobody in
        asked = [pool.submit(second.run, slow, work)]
        assert began.wait(5)
        asked.append(pool.submit(second.run, suspect, work))
        wait_until(lambda: second._gate._alone, 5, "the suspect waits for its turn")
        asked.append(pool.submit(second.run, other, work))
        time.sleep(0.05)
        assert ran == [slow]
        # When the one that is idle runs it
        first.run(suspect, work)
        # Then the busy one begins the next unit at once
        wait_until(lambda: other in ran, 2, "the other begins")
        let_go.set()
        for each in asked:
            each.result(5)
    assert ran == [slow, suspect, other]


def test_a_suspect_waits_for_its_turn_while_redis_is_away(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "LOOK_EVERY_S", 0.01)
    (suspect,) = world.create(1)
    world.lose(suspect)
    world.lose(suspect)
    runner = Runner(world.units, crashed=epitaph)
    asked, give_up, ran = threading.Event(), threading.Event(), []

    def away(_: str) -> bool:
        asked.set()
        assert give_up.wait(5)
        raise RedisConnectionError

    def work(claim: Claim, _: Lease) -> Outcome:
        ran.append(claim.unit_id)
        return Outcome(status=Status.SUCCEEDED, result={})

    monkeypatch.setattr(world.units, "waits", away)
    with ThreadPoolExecutor(1) as pool:
        with runner._gate.inside():
            run = pool.submit(runner.run, suspect, work)
            assert asked.wait(5)
        # Who leaves meanwhile does not wait for the answer.
        give_up.set()
        run.result(5)
    assert ran == [suspect]


def test_suspects_follow_one_another_before_others_are_let_in(world: UnitWorld) -> None:
    # Given three units that were lost twice, together
    suspects = [world.create(1)[0] for _ in range(3)]
    for _ in range(2):
        for unit in suspects:
            world.claim(unit)
            world.expire(unit)
        world.take_all()
        world.reaper.round()
    ((_, first),) = world.sent
    world.take_all()
    (other,) = world.create(1)
    runner, order = Runner(world.units, crashed=epitaph), []

    def work(claim: Claim, _: Lease) -> Outcome:
        order.append(claim.unit_id)
        if claim.unit_id == first:
            # Another unit waits to begin.
            asked.append(pool.submit(runner.run, other, work))
            time.sleep(0.1)
        return Outcome(status=Status.SUCCEEDED, result={})

    # When the first of them runs
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(runner.run, first, work, Queue.CLASSIFY)]
        asked[0].result(5)
        asked[1].result(5)
    # Then all three have run before the other
    assert set(order[:3]) == set(suspects)
    assert order[3:] == [other]


def lost_together(world: UnitWorld, count: int) -> list[str]:
    """Returns units that were lost in the same moment and wait again."""
    units = [world.create(1)[0] for _ in range(count)]
    for unit in units:
        world.claim(unit)
        world.expire(unit)
    world.reaper.round()
    return units


def test_units_that_were_lost_once_run_few_at_a_time(world: UnitWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given twelve units that were lost together, of which none takes long
    monkeypatch.setattr(gate_module, "LONG_S", 600)
    units = lost_together(world, 12)
    runner, began, go_on, end_one = Runner(world.units, crashed=epitaph), [], threading.Event(), threading.Event()

    def work(claim: Claim, _: Lease) -> Outcome:
        began.append(claim.unit_id)
        assert (end_one if claim.unit_id == began[0] else go_on).wait(60)
        return Outcome(status=Status.SUCCEEDED, result={})

    # When a process runs them all at once, and dies soon
    with ThreadPoolExecutor(13) as pool, ExitStack() as at_last:
        at_last.callback(go_on.set)
        at_last.callback(end_one.set)
        running = [pool.submit(runner.run, unit, work) for unit in units]
        wait_until(lambda: len(began) == 8, 10, "eight begin")
        states = [world.redis.hget(keys.unit(unit), "state") for unit in units]
        # Then it takes eight of them along, and no more
        assert sorted(states) == ["leased"] * 8 + ["queued"] * 4
        # And one that was never lost does not wait for them
        (other,) = world.create(1)
        running.append(pool.submit(runner.run, other, work))
        wait_until(lambda: began[8:] == [other], 10, "the other begins")
        # And the next one begins when one has ended
        end_one.set()
        wait_until(lambda: len(began) == 10, 10, "the next one begins")
        go_on.set()
        for each in running:
            each.result(10)


def test_units_that_were_lost_once_make_way_when_they_take_long(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "LONG_S", 0.2)
    runner, began, go_on = Runner(world.units, crashed=epitaph), [], threading.Event()

    def work(claim: Claim, _: Lease) -> Outcome:
        began.append(claim.unit_id)
        assert go_on.wait(60)
        return Outcome(status=Status.SUCCEEDED, result={})

    with ThreadPoolExecutor(12) as pool, ExitStack() as at_last:
        at_last.callback(go_on.set)
        running = [pool.submit(runner.run, unit, work) for unit in lost_together(world, 12)]
        wait_until(lambda: len(began) == 12, 10, "all begin, though none has ended")
        go_on.set()
        for each in running:
            each.result(10)
