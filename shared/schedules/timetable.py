"""When a schedule is due: cron in a time zone, as Debian's cron means it (`cronsim`)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

FIELDS = "minute hour day-of-month month day-of-week"


@dataclass(frozen=True)
class Timetable:
    """The slots of a cron expression in a time zone.

    A time of day that the clocks skip is due when they have skipped it; one that they show twice is due the first time.
    What is due every so often (`*` in the minute or the hour) keeps its pace.
    """

    cron: str
    timezone: str

    def next_after(self, seconds: float) -> float | None:
        """Returns the first slot after a time, both in seconds since 1970; None if there is none in 50 years."""
        return next(self.slots_after(seconds), None)

    def slots_after(self, seconds: float) -> Iterator[float]:
        """Returns the slots after a time, all in seconds since 1970."""
        for slot in CronSim(self.cron, datetime.fromtimestamp(seconds, ZoneInfo(self.timezone))):
            # In the hour that the clocks show twice, `cronsim` begins with slots of the first time.
            if slot.timestamp() > seconds:
                yield slot.timestamp()


def tidy_cron(cron: str) -> str:
    """Returns a cron expression with one space between its fields.

    Raises:
        ValueError: it is none, or no time ever matches it; the message says what was expected.
    """
    fields = cron.split()
    if len(fields) != len(FIELDS.split()):
        raise ValueError(f"Expected five fields, {FIELDS}, as in `0 3 * * 1`; the number of fields is {len(fields)}")
    tidy = " ".join(fields)
    try:
        never = next(CronSim(tidy, datetime.now(UTC)), None) is None
    except (CronSimError, ValueError, AssertionError) as error:
        raise ValueError(f"Expected {FIELDS}, as in `0 3 * * 1`; cron says: {error}") from None
    if never:
        raise ValueError("Expected a time that comes; no date of the next 50 years matches")
    return tidy


def timezone_names() -> list[str]:
    """Returns the zones to suggest, UTC first: those named after a place."""
    return ["UTC", *sorted(name for name in _zones() if "/" in name and not name.startswith("Etc/"))]


def check_timezone(name: str) -> str:
    """Returns the name of a time zone.

    Raises:
        ValueError: there is no such zone.
    """
    if name not in _zones():
        raise ValueError("Expected the name of a time zone, as in Europe/Paris or UTC")
    return name


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
