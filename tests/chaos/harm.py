"""What was done to Loupe, and how long it took to get over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import ceil, inf


class Fault(StrEnum):
    """The faults, in the words of the table."""

    KILL_API = "api killed"
    KILL_SINGLE = "worker for singles killed"
    KILL_LIST = "worker for lists killed"
    KILL_TRAINER = "trainer killed"
    KILL_CHILD = "trainer's child killed"
    KILL_SCHEDULER = "scheduler killed"
    FREEZE_API = "api frozen"
    FREEZE_SINGLE = "worker for singles frozen"
    FREEZE_LIST = "worker for lists frozen"
    FREEZE_SCHEDULER = "scheduler frozen"
    KILL_REDIS = "Redis killed"
    FREEZE_REDIS = "Redis frozen"
    DROP_REDIS = "Redis connections dropped"
    SLOW_REDIS = "Redis slow, 1 s a call"
    STORAGE_AWAY = "storage failing"
    STORAGE_FULL = "storage takes no writes"


@dataclass
class Harm:
    """One fault that was injected. Times are seconds since 1970.

    Attributes:
        pid: of the process that was killed or frozen; None where no single one was.
        ended: when the cause was over: at once for a kill, when a frozen process went on.
        recovered: when what it hit was seen to work again; None if that is read from the starts and ends of jobs.
    """

    fault: Fault
    began: float
    pid: int | None = None
    ended: float = inf
    recovered: float | None = None


@dataclass(frozen=True)
class Start:
    """An item's picture was asked for.

    Attributes:
        pid: of the worker that asked; None if it was gone before it could be found.
    """

    url: str
    at: float
    pid: int | None


@dataclass
class Log:
    """All that was done, in order, and the starts that the image server saw."""

    harms: list[Harm] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)

    def killed_at(self, pid: int | None) -> float | None:
        """Returns when a worker was killed, None if it never was."""
        return next((h.began for h in self.harms if h.pid == pid and h.fault in WORKER_KILLS), None)

    def redis_killed(self, after: float, before: float) -> bool:
        """Says whether Redis was killed in a time, and may have lost its last moment."""
        return any(h.fault is Fault.KILL_REDIS and after <= h.began <= before for h in self.harms)

    def storage_away(self, after: float, before: float) -> bool:
        """Says whether the storage failed in a time, so that units were given back and began again."""
        return any(h.fault in STORAGE and h.began <= before and h.ended + GIVEN_BACK_S >= after for h in self.harms)

    def worker_kills(self, after: float, before: float) -> int:
        """Returns how often a worker or trainer was killed in a time."""
        return sum(h.fault in {*WORKER_KILLS, Fault.KILL_TRAINER} and after <= h.began <= before for h in self.harms)

    def again(self) -> list[tuple[Start, Start]]:
        """Returns each start with the one before it of the same item."""
        last: dict[str, Start] = {}
        pairs = []
        for start in sorted(self.starts, key=lambda start: start.at):
            if start.url in last:
                pairs.append((last[start.url], start))
            last[start.url] = start
        return pairs


WORKER_KILLS = frozenset({Fault.KILL_SINGLE, Fault.KILL_LIST})
STORAGE = frozenset({Fault.STORAGE_AWAY, Fault.STORAGE_FULL})
REDIS = frozenset({Fault.KILL_REDIS, Fault.FREEZE_REDIS, Fault.DROP_REDIS, Fault.SLOW_REDIS})
# What a killed worker's units need to run again: these, and a worker of their kind.
EVERYBODYS = STORAGE | REDIS | {Fault.KILL_SCHEDULER, Fault.FREEZE_SCHEDULER}
ALIKE = {
    Fault.KILL_SINGLE: {Fault.KILL_SINGLE, Fault.FREEZE_SINGLE},
    Fault.KILL_LIST: {Fault.KILL_LIST, Fault.FREEZE_LIST},
}
# How long after an outage a unit is given back that met it.
GIVEN_BACK_S = 10.0


def recoveries(log: Log, accepted: Sequence[float], finished: Sequence[float]) -> dict[Fault, list[float]]:
    """Returns the seconds that each fault's recoveries took.

    A killed worker has recovered when a unit of its runs again, one for each unit; whatever takes requests when it
    accepts one again; what does work when a job ends again; the rest when its watcher saw it.

    Args:
        accepted: when requests were accepted.
        finished: when single jobs ended.
    """
    took: dict[Fault, list[float]] = {fault: [] for fault in Fault}
    for harm in log.harms:
        if harm.recovered is not None:
            took[harm.fault].append(harm.recovered - harm.ended)
        elif harm.fault in SHOWN_BY:
            times = accepted if SHOWN_BY[harm.fault] == "accepted" else finished
            after = min((at for at in times if at > harm.ended), default=None)
            if after is not None:
                took[harm.fault].append(after - harm.ended)
    for harm, again in _lost(log):
        took[harm.fault].append(again - harm.began)
    return took


def undisturbed(log: Log) -> dict[Fault, list[float]]:
    """Returns the recoveries of killed workers' units in which nothing else went wrong that they need.

    That is a worker of the same kind or the scheduler killed or frozen, or any trouble of Redis or storage.
    """
    took: dict[Fault, list[float]] = {fault: [] for fault in sorted(WORKER_KILLS)}
    for harm, again in _lost(log):
        if not _meanwhile(log, harm, again):
            took[harm.fault].append(again - harm.began)
    return took


def slowest(log: Log) -> list[tuple[float, Harm, list[Harm]]]:
    """Returns for each kill that lost units how long the last of them took, and what else went wrong meanwhile.

    The slowest come first.
    """
    last: dict[int | None, tuple[Harm, float]] = {}
    for harm, again in _lost(log):
        if harm.pid not in last or last[harm.pid][1] < again:
            last[harm.pid] = harm, again
    found = [(again - harm.began, harm, _meanwhile(log, harm, again)) for harm, again in last.values()]
    return sorted(found, key=lambda row: -row[0])


def _meanwhile(log: Log, harm: Harm, again: float) -> list[Harm]:
    """Returns what went wrong from a kill until a unit ran again, of what it needs for that."""
    needed = EVERYBODYS | ALIKE[harm.fault]
    others = [other for other in log.harms if other is not harm and other.fault in needed]
    return [other for other in others if other.began <= again and other.ended >= harm.began]


def _lost(log: Log) -> Iterator[tuple[Harm, float]]:
    """Yields each unit that was lost with a killed worker: the kill, and when the unit ran again."""
    kill_of = {harm.pid: harm for harm in log.harms if harm.fault in WORKER_KILLS}
    for first, second in log.again():
        harm = kill_of.get(first.pid)
        if harm and first.pid != second.pid and second.at > harm.began:
            yield harm, second.at


SHOWN_BY = {
    Fault.KILL_API: "accepted",
    Fault.FREEZE_API: "accepted",
    Fault.FREEZE_SINGLE: "finished",
    Fault.KILL_REDIS: "finished",
    Fault.FREEZE_REDIS: "finished",
    Fault.DROP_REDIS: "finished",
    Fault.SLOW_REDIS: "finished",
    Fault.STORAGE_AWAY: "finished",
    Fault.STORAGE_FULL: "finished",
}


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value that a share of all values does not exceed (nearest rank); values must not be empty."""
    return sorted(values)[max(ceil(share * len(values)) - 1, 0)]
