"""How good the versions of a model are, one after the other, as a line. The template draws it as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from api.pages.scale import Tick, scale_of
from api.pages.versions import VersionRow
from shared.shares import percent

# More names than this do not fit below a line on a phone.
MOST_NAMES = 8
NOTES = {"served": "serving", "refused": "refused"}


@dataclass(frozen=True)
class Dot:
    """A version on the line.

    Attributes:
        x, y: in percent of the plot, from the upper left.
        kind: the name of its style, which is the version's state.
        name: below the axis; empty where names would stand too close.
        note: below the name: what became of the version, for those who see no colours.
    """

    x: float
    y: float
    kind: str
    name: str
    note: str
    href: str
    text: str


@dataclass(frozen=True)
class VersionChart:
    """The line, its dots, and its text for those who do not see it; `points` is for a plot of 1000 by 1000."""

    ticks: tuple[Tick, ...]
    points: str
    dots: tuple[Dot, ...]
    text: str


def version_chart(rows: Sequence[VersionRow]) -> VersionChart:
    """Returns the chart of a model's versions, oldest first; at least one."""
    scale = scale_of([row.accuracy for row in rows])
    every = ceil(len(rows) / MOST_NAMES)
    dots = []
    for index, row in enumerate(rows):
        named = row.state == "served" or (len(rows) - 1 - index) % every == 0
        dots.append(
            Dot(
                x=round((index + 0.5) / len(rows) * 100, 2),
                y=scale.down(row.accuracy),
                kind=row.state,
                name=f"v{row.version}" if named else "",
                note=NOTES.get(row.state, "") if named else "",
                href=row.href,
                text=f"v{row.version}, {percent(row.accuracy)}, {row.state_words}",
            )
        )
    return VersionChart(
        ticks=scale.ticks,
        points=" ".join(f"{dot.x * 10:.0f},{dot.y * 10:.0f}" for dot in dots),
        dots=tuple(dots),
        text="; ".join(dot.text for dot in dots),
    )
