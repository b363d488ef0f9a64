"""An axis of time: from the first to the last moment, with a few ticks at round times of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from api.pages.format import DAY_S, HOUR_S, MINUTE_S
from api.pages.scale import Tick

# So many fit below a plot on a phone.
MOST_TICKS = 4
LEAST_SPAN_S = MINUTE_S
STEPS = (
    *(count * MINUTE_S for count in (1, 5, 15, 30)),
    *(count * HOUR_S for count in (1, 3, 6, 12)),
    *(count * DAY_S for count in (1, 2, 5, 10, 20, 30, 60, 90, 180, 365, 730, 1825)),
)


@dataclass(frozen=True)
class TimeAxis:
    """Times from `first` at the left to `last` at the right, in seconds since 1970."""

    first: float
    last: float

    def across(self, then: float) -> float:
        """Returns how far to the right a time stands, in percent; what is before or after stands at the edge."""
        share = (then - self.first) / (self.last - self.first)
        return round(min(max(share, 0), 1) * 100, 2)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks from the left; at least one."""
        span = self.last - self.first
        step = next((step for step in STEPS if span / step <= MOST_TICKS), STEPS[-1])
        start = ceil(self.first / step) * step
        times: list[float] = [
            start + index * step for index in range(MOST_TICKS + 1) if start + index * step <= self.last
        ]
        return tuple(Tick(self.across(then), _shown(then, step)) for then in times or [self.last])


def time_axis(first: float, last: float) -> TimeAxis:
    """Returns the axis from one time to another, a minute long at least."""
    return TimeAxis(min(first, last - LEAST_SPAN_S), last)


def _shown(then: float, step: float) -> str:
    time = datetime.fromtimestamp(then, UTC)
    if step < DAY_S:
        return f"{time:%H:%M}"
    return f"{time.day} {time:%b}" if step < 90 * DAY_S else f"{time:%b %Y}"
