"""Five hundred slots in several zones while schedulers, Redis and clocks do what they should not: one run each."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as Hour  # noqa: N812 - a time of day, not a module.
from functools import partial
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

import pytest
from redis import Redis
from redis.exceptions import RedisError

from shared.jobs.model import Kind, Outcome, Status
from shared.schedules.record import Schedule
from tests.support.redis_server import RedisServer
from tests.support.schedule_world import VERSION, ScheduleWorld, store_dataset, toy_schedule
from tests.support.toy_scheduler import LEADER, READY

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
LEASE_MS = 400
PATIENCE_S = 60.0
HOUR = 3600.0

# Name → cron, zone, and its hours in plain words. No two slots of a schedule are within an hour of each other.
SCHEDULES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "paris": ("30 2 * * *", "Europe/Paris", ("02:30",)),
    "new-york-skips": ("30 2 * * *", "America/New_York", ("02:30",)),
    "new-york-repeats": ("30 1 * * *", "America/New_York", ("01:30",)),
    "lord-howe": ("45 1,20 * * *", "Australia/Lord_Howe", ("01:45", "20:45")),
    "cairo": ("10 0 * * *", "Africa/Cairo", ("00:10",)),
    "tokyo": ("15 */8 * * *", "Asia/Tokyo", ("00:15", "08:15", "16:15")),
}
# Paris, New York and Lord Howe change their clocks in both, there and back, and Cairo at midnight in the second.
SEASONS = [(date(2026, 3, 7), date(2026, 4, 6)), (date(2026, 10, 3), date(2026, 11, 2))]


def instant(local: datetime, zone: ZoneInfo) -> float:
    """Returns when a local time is due, without cron's help: the first time that clocks show it, or skip it."""
    while local.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        local += timedelta(minutes=1)
    return local.replace(tzinfo=zone, fold=0).timestamp()


def expected(name: str, first: float, last: float) -> list[float]:
    """Returns the slots of a schedule after `first`, up to `last`."""
    _, zone_name, hours = SCHEDULES[name]
    zone = ZoneInfo(zone_name)
    begin = datetime.fromtimestamp(first, UTC).date() - timedelta(days=2)
    days = [begin + timedelta(days=number) for number in range(int((last - first) / HOUR / 24) + 5)]
    slots = {instant(datetime.combine(day, Hour.fromisoformat(hour)), zone) for day in days for hour in hours}
    return sorted(slot for slot in slots if first < slot <= last)


@dataclass
class Trainer:
    """Ends every import and training at once, in a thread, whatever Redis does.

    Attributes:
        ended: the ids of the jobs that it ended, by their kind.
    """

    world: ScheduleWorld
    ended: dict[Kind, set[str]] = field(default_factory=lambda: {Kind.IMPORT: set(), Kind.TRAINING: set()})
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.005):
            with suppress(RedisError):
                # A job whose end Redis lost is running, and there is no reaper here.
                for status in (Status.QUEUED, Status.RUNNING):
                    for job in self.world.jobs.page(status=status).jobs:
                        self._end(job.id, job.kind)

    def _end(self, job_id: str, kind: Kind) -> None:
        claim = self.world.units.claim(f"{job_id}:0", "token")
        if claim is None:
            return
        found = {"dataset": {"name": "pets", "version": VERSION}, "report": {"added": 0, "removed": 0}}
        result = found if kind is Kind.IMPORT else {"reason": "It is as good."}
        self.world.units.finish(claim.unit_id, claim.attempt, Outcome(done=0, status=Status.SUCCEEDED, result=result))
        self.ended[kind].add(job_id)


class Chaos:
    """Two schedulers on one Redis and one clock, and all that is done to them."""

    def __init__(self, server: RedisServer, redis: Redis, folder: Path) -> None:
        self._server = server
        self._redis: Any = redis
        self._folder = folder
        self._clock = folder / "clock"
        self._frozen: list[int] = []
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        self.done: Counter[str] = Counter()

    @contextmanager
    def running(self, now: float) -> Iterator[None]:
        """Runs two schedulers."""
        self.show(now)
        for _ in range(2):
            self._start()
        try:
            yield
        finally:
            for process in self._processes.values():
                process.kill()
                process.wait()

    def show(self, now: float) -> None:
        """Sets the clock of both."""
        part = self._clock.with_name("clock.part")
        part.write_text(repr(now))
        part.replace(self._clock)

    def kill(self) -> None:
        """Kills the leader, and starts another scheduler."""
        self.thaw()
        process = self._processes.pop(self._leader())
        process.kill()
        process.wait()
        self._start()
        self.done["kill"] += 1

    def freeze(self) -> None:
        """Freezes the leader; the one that was frozen before wakes up."""
        self.thaw()
        pid = self._leader()
        os.kill(pid, signal.SIGSTOP)
        self._frozen.append(pid)
        self.done["freeze"] += 1

    def thaw(self) -> None:
        """Wakes who is frozen."""
        for pid in self._frozen:
            os.kill(pid, signal.SIGCONT)
        self._frozen.clear()

    def restart_redis(self) -> None:
        """Restarts Redis in good order."""
        self._server.stop()
        self._server.start()
        self.done["restart"] += 1

    def crash_redis(self) -> None:
        """Kills Redis, which loses up to a second, and starts it again."""
        self._server.kill()
        self._server.start()
        self.done["crash"] += 1

    def _leader(self) -> int:
        """Returns who leads, once somebody is there to take over."""
        known = {str(pid) for pid in self._processes}
        wait_for(lambda: known <= self._redis.smembers(READY), "two schedulers")
        return int(wait_for(lambda: known & {self._redis.get(LEADER)}, "a leader").pop())

    def _start(self) -> None:
        command = [sys.executable, "-m", "tests.support.toy_scheduler", self._server.url, str(self._folder)]
        log = (self._folder / "schedulers.log").open("ab")
        process = subprocess.Popen([*command, str(self._clock), str(LEASE_MS)], cwd=ROOT, stderr=log)
        log.close()
        self._processes[process.pid] = process


def wait_for(look: Callable[[], Any], what: str = "a change") -> Any:
    """Returns what `look` finds as soon as it finds something; Redis may be away meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with suppress(RedisError):
            found = look()
            if found:
                return found
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.01)


@dataclass
class History:
    """All runs that were ever seen, by schedule and the id of their import: the schedules keep the last fifty."""

    world: ScheduleWorld
    seen: dict[str, dict[str, tuple[float, str | None]]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def settled(self, until: float, due: dict[str, list[float]]) -> bool:
        """Notes all runs; says whether every slot up to a time has one that has ended."""
        for schedule in self.world.store.all():
            known = self.seen.setdefault(schedule.name, {})
            for number, run in enumerate(schedule.runs):
                if run.outcome == "failed":
                    self.failed.add(f"{schedule.name}: {run.detail}")
                known[run.import_job or f"skipped-{number}-{run.at}"] = (run.due_at or 0, run.outcome)
        return all(
            {slot for slot in slots if slot <= until}
            <= {slot for slot, outcome in self.seen.get(name, {}).values() if outcome is not None}
            for name, slots in due.items()
        )


def test_five_hundred_slots_have_one_run_each(own_redis: RedisServer, tmp_path: Path) -> None:
    redis = Redis.from_url(own_redis.url, decode_responses=True)
    world = ScheduleWorld(redis, tmp_path)
    store_dataset(world.storage)
    dice = random.Random(7)  # the same troubles each time
    chaos, history = Chaos(own_redis, redis, tmp_path), History(world)
    first = datetime.combine(SEASONS[0][0], Hour(), UTC).timestamp()
    for name, (cron, zone, _) in SCHEDULES.items():
        world.store.create(toy_schedule(name, cron=cron, timezone=zone, dealt_until=first))
    total: dict[str, list[float]] = {name: [] for name in SCHEDULES}

    with Trainer(world) as trainer, chaos.running(first):
        for begin, end in SEASONS:
            first, last = (datetime.combine(day, Hour(), UTC).timestamp() for day in (begin, end))
            for name in SCHEDULES:
                total[name] += expected(name, first, last)
            chaos.thaw()
            skip_to(world, chaos, first)
            for slot in sorted({slot for slots in total.values() for slot in slots if slot > first}):
                trouble(dice, chaos, slot, lambda until: wait_for(partial(history.settled, until, total), "runs"))
                chaos.show(slot + 1)
                wait_for(partial(history.settled, slot, total), "a slot's run")
        chaos.thaw()
        # Whoever woke up just now finds nothing left to do.
        time.sleep(5 * LEASE_MS / 1000)
        history.settled(0, total)

    slots = {name: sorted(slot for slot, _ in runs.values()) for name, runs in history.seen.items()}
    assert slots == total
    assert sum(map(len, total.values())) >= 500
    assert not history.failed
    assert {outcome for runs in history.seen.values() for _, outcome in runs.values()} <= {"ran", "caught_up"}
    assert [len(ended) for ended in trainer.ended.values()] == [sum(map(len, total.values()))] * 2
    assert min(chaos.done[what] for what in ("kill", "freeze", "ahead", "back", "restart", "crash")) >= 2
    redis.close()


def skip_to(world: ScheduleWorld, chaos: Chaos, first: float) -> None:
    """Leaves out the months between two seasons."""

    def skip(name: str) -> Schedule | None:
        seen = world.store.get(name)
        return world.store.replace(seen, seen.with_(dealt_until=first))

    for name in SCHEDULES:
        wait_for(partial(skip, name))
    chaos.show(first)


def trouble(dice: random.Random, chaos: Chaos, slot: float, settle: Callable[[float], None]) -> None:
    """Does something to the schedulers just before a slot, or nothing."""
    what = dice.random()
    if what < 0.05:
        # It dies while it fires.
        chaos.show(slot + 1)
        time.sleep(dice.random() * 0.04)
        chaos.kill()
    elif what < 0.12:
        chaos.show(slot + 1)
        time.sleep(dice.random() * 0.04)
        chaos.freeze()
    elif what < 0.15:
        chaos.thaw()
    elif what < 0.20:
        chaos.show(slot + HOUR)
        settle(slot + HOUR)
        chaos.done["ahead"] += 1
    elif what < 0.25:
        chaos.show(slot - HOUR)
        time.sleep(0.1)
        chaos.done["back"] += 1
    elif what < 0.26:
        chaos.restart_redis()
    elif what < 0.27:
        chaos.show(slot + 1)
        time.sleep(dice.random() * 0.1)
        chaos.crash_redis()
