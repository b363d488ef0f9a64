"""How much work there is, by a real Redis."""

from __future__ import annotations

import pytest

from shared.jobs import keys
from shared.jobs.load import read_load
from shared.jobs.model import Kind, Queue, Status
from tests.support.unit_world import UnitWorld


def test_where_nothing_ever_was_everything_is_nought(world: UnitWorld) -> None:
    load = read_load(world.redis)
    assert {(waits.units, waits.oldest_s) for waits in load.queues.values()} == {(0, 0.0)}
    assert (load.leased, load.open_items, load.leases_lost) == (0, 0, 0)
    assert set(load.jobs.values()) == {0}
    assert load.redis_bytes > 100_000


def test_what_waits_and_what_is_under_way_are_counted_apart(world: UnitWorld) -> None:
    (single,) = world.create(1)
    first, second = world.create(3, 2)
    waits = keys.waiting(Queue.BATCH)
    world.redis.zadd(waits, {second: world.redis.zscore(waits, second) - 60_000})
    world.claim(single)

    load = read_load(world.redis)

    assert (load.queues[Queue.CLASSIFY].units, load.queues[Queue.BATCH].units) == (0, 2)
    assert load.queues[Queue.BATCH].oldest_s == pytest.approx(60, abs=5)
    assert (load.leased, load.open_items) == (1, 6)
    assert load.jobs[Kind.CLASSIFICATION, Status.RUNNING] == 1
    assert load.jobs[Kind.CLASSIFICATION, Status.QUEUED] == 1
    assert first != second


def test_lost_leases_are_counted_and_their_suspects_wait_too(world: UnitWorld) -> None:
    (single,) = world.create(1)
    world.lose(single)
    world.lose(single)

    load = read_load(world.redis)

    assert load.leases_lost == 2
    assert load.queues[Queue.CLASSIFY].units == 1
