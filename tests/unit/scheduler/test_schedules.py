"""When the scheduler fires, by a clock that the test sets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from scheduler.schedules import due
from shared.jobs.model import Kind
from shared.schedules.record import Schedule
from tests.support.schedule_world import ScheduleWorld, store_dataset, toy_schedule

HOUR = 3600.0
# Noon of a day; schedules are due every hour.
NOON = 1_790_000_000.0 // HOUR * HOUR


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> ScheduleWorld:
    made = ScheduleWorld(redis, tmp_path)
    store_dataset(made.storage)
    made.store.create(toy_schedule(dealt_until=NOON + 1))
    return made


def finish(world: ScheduleWorld) -> None:
    """Ends the run under way."""
    world.imported()
    world.schedules.round()
    world.trained()
    world.schedules.round()


def outcomes(world: ScheduleWorld) -> list[Any]:
    """Returns slots, in hours after noon, and outcomes, oldest first."""
    runs = reversed(world.store.get("weekly").runs)
    return [((run.due_at or 0) / HOUR - NOON / HOUR, run.outcome) for run in runs]


def test_a_slot_is_fired_once_when_it_is_due(world: ScheduleWorld) -> None:
    world.at(NOON + HOUR - 0.1)
    assert outcomes(world) == []
    world.at(NOON + HOUR)
    world.at(NOON + HOUR + 1)
    assert outcomes(world) == [(1, None)]
    finish(world)
    world.at(NOON + 2 * HOUR + 2)
    finish(world)
    assert outcomes(world) == [(1, "ran"), (2, "ran")]
    assert len(world.jobs.page(kind=Kind.TRAINING).jobs) == 2


def test_slots_without_a_scheduler_are_caught_up_by_one_run(world: ScheduleWorld) -> None:
    world.at(NOON + 5.5 * HOUR)
    finish(world)
    world.at(NOON + 6 * HOUR)
    finish(world)
    assert outcomes(world) == [(1, "caught_up"), (6, "ran")]


def test_a_take_over_is_no_catching_up(world: ScheduleWorld) -> None:
    world.at(NOON + HOUR + 10)
    finish(world)
    assert outcomes(world) == [(1, "ran")]


def test_a_slot_is_skipped_while_the_last_run_goes_on(world: ScheduleWorld) -> None:
    world.at(NOON + HOUR)
    world.at(NOON + 2 * HOUR)
    finish(world)
    world.at(NOON + 3 * HOUR)
    finish(world)
    assert outcomes(world) == [(1, "ran"), (2, "skipped_overlap"), (3, "ran")]


def test_a_run_that_ended_just_before_a_slot_overlaps_with_nothing(world: ScheduleWorld) -> None:
    world.at(NOON + HOUR)
    world.imported()
    world.schedules.round()
    world.trained()
    world.at(NOON + 2 * HOUR)
    assert outcomes(world) == [(1, "ran"), (2, None)]


def test_a_clock_that_is_set_back_fires_nothing_again(world: ScheduleWorld) -> None:
    world.at(NOON + 2 * HOUR)
    finish(world)
    for minutes in range(0, 120, 10):
        world.at(NOON + HOUR + minutes * 60)
    assert outcomes(world) == [(1, "caught_up")]
    world.at(NOON + 3 * HOUR)
    finish(world)
    assert outcomes(world) == [(1, "caught_up"), (3, "ran")]


def test_a_clock_that_is_set_ahead_misses_nothing(world: ScheduleWorld) -> None:
    world.at(NOON + 0.5 * HOUR)
    world.at(NOON + 1.5 * HOUR)
    finish(world)
    world.at(NOON + 0.5 * HOUR)
    world.at(NOON + HOUR)
    world.at(NOON + 2 * HOUR)
    finish(world)
    assert outcomes(world) == [(1, "caught_up"), (2, "ran")]


def test_a_paused_schedule_is_not_due(world: ScheduleWorld) -> None:
    schedule = world.store.get("weekly")
    assert world.store.replace(schedule, schedule.with_(paused=True))
    world.at(NOON + 2 * HOUR)
    assert outcomes(world) == []


def test_the_run_of_a_paused_schedule_goes_on(world: ScheduleWorld) -> None:
    world.at(NOON + HOUR)
    schedule = world.store.get("weekly")
    assert world.store.replace(schedule, schedule.with_(paused=True))
    finish(world)
    assert outcomes(world) == [(1, "ran")]


def test_a_run_now_uses_up_no_slot(world: ScheduleWorld) -> None:
    schedule = world.store.get("weekly")
    begun = world.runs.begin(schedule, NOON + HOUR - 60)
    assert begun is not None
    world.schedules.round()
    finish(world)
    world.at(NOON + HOUR)
    finish(world)
    assert [outcome for _, outcome in outcomes(world)] == ["ran", "ran"]


def test_one_schedule_s_trouble_is_no_other_s(world: ScheduleWorld, caplog: pytest.LogCaptureFixture) -> None:
    world.store.create(toy_schedule("a-broken-one", timezone="Nowhere/Land", dealt_until=NOON + 1))
    world.at(NOON + HOUR)
    assert outcomes(world) == [(1, None)]
    assert "a-broken-one" in caplog.text


def test_of_two_schedulers_at_once_one_fires(world: ScheduleWorld, redis: Redis, tmp_path: Path) -> None:
    other = ScheduleWorld(redis, tmp_path, now=NOON + HOUR)
    other.schedules.round()
    world.at(NOON + HOUR)
    other.schedules.round()
    assert outcomes(world) == [(1, None)]
    assert len(world.made + other.made) == 1


def test_what_was_fired_is_not_fired_again_by_an_emptied_redis(world: ScheduleWorld, redis: Redis) -> None:
    world.at(NOON + HOUR)
    finish(world)
    redis.flushall()
    world.at(NOON + HOUR + 2)
    assert outcomes(world) == [(1, "ran")]
    assert world.jobs.page().jobs == []


def test_due_looks_from_where_it_stopped() -> None:
    schedule: Schedule = toy_schedule(dealt_until=NOON)
    assert due(schedule, NOON + HOUR - 1) is None
    assert due(schedule, NOON + HOUR) == NOON + HOUR
    assert due(schedule, NOON + 4.5 * HOUR) == NOON + HOUR
