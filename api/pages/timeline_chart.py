"""A model's versions over time: how good each was, and which answered. The template draws it as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.scale import Tick, scale_of
from api.pages.time_axis import TimeAxis, time_axis
from api.pages.version_chart import Dot
from api.pages.versions import VersionRow
from shared.registry import Period
from shared.shares import percent

# Names closer than this, in percent of the width, would run into each other.
NAME_EVERY = 9.0


@dataclass(frozen=True)
class TimelineChart:
    """The chart.

    Attributes:
        answered: polylines for a plot of 1000 by 1000: one for each stretch in which known versions answered.
        dots: the versions, where they were trained.
        text: the same for those who do not see it.
    """

    ticks: Sequence[Tick]
    times: Sequence[Tick]
    answered: Sequence[str]
    dots: Sequence[Dot]
    text: str


def timeline_chart(rows: Sequence[VersionRow], periods: Sequence[Period], now: float) -> TimelineChart:
    """Returns the chart.

    Args:
        rows: at least one version, oldest first.
        periods: who answered when, newest first.
        now: seconds since 1970.
    """
    scale = scale_of([row.accuracy for row in rows])
    axis = time_axis(min(row.created_at for row in rows), now)
    heights = {row.version: scale.down(row.accuracy) for row in rows}
    return TimelineChart(
        ticks=scale.ticks,
        times=axis.ticks,
        answered=_answered(periods, heights, axis, now),
        dots=_dots(rows, heights, axis),
        text="; ".join(f"v{row.version}, {percent(row.accuracy)}, {row.state_words}" for row in rows),
    )


def _answered(periods: Sequence[Period], heights: dict[int, float], axis: TimeAxis, now: float) -> list[str]:
    """Returns a line for each stretch without a gap; a deleted version leaves one.

    A version that no worker could load answered nobody: the one before it went on.
    """
    stretches: list[list[str]] = [[]]
    answered = [period for period in periods if period.refused is None][::-1]
    starts = [period.since.timestamp() for period in answered]
    for period, since, end in zip(answered, starts, [*starts, now][1:], strict=True):
        if period.version not in heights:
            stretches.append([])
        elif end > axis.first:
            for then in (since, end):
                stretches[-1].append(f"{axis.across(then) * 10:.0f},{heights[period.version] * 10:.0f}")
    return [" ".join(points) for points in stretches if points]


def _dots(rows: Sequence[VersionRow], heights: dict[int, float], axis: TimeAxis) -> list[Dot]:
    """Returns the dots, oldest first. From the newest on, each has its name if there is room for it."""
    dots: list[Dot] = []
    last_name = 200.0
    for row in reversed(rows):
        x = axis.across(row.created_at)
        named = last_name - x >= NAME_EVERY
        last_name = x if named else last_name
        text = f"v{row.version}, {percent(row.accuracy)}, {row.state_words}"
        dots.append(Dot(x, heights[row.version], row.state, f"v{row.version}" if named else "", "", row.href, text))
    return dots[::-1]
