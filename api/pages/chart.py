"""Where the lines, ticks and labels of a training's curve stand. The template draws them as SVG.

Places are in percent of the plot's width and height, from the upper left, so that a chart fits every width while its
text keeps its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from api.pages.scale import Tick
from shared.jobs.model import Json
from shared.shares import cut, percent

# The lower ends a share's axis may have; the upper is always 1. The nearest below the smallest value is taken.
FLOORS = (0.95, 0.9, 0.8, 0.6, 0.4, 0.2, 0.0)
MOST_TICKS = 6
STEPS = (1, 2, 3, 5, 10, 20, 25, 50, 100, 250, 1000)
# Labels of two lines are kept at least this far apart.
LABEL_GAP = 9.0
# More values than this are a line without dots; more than that are drawn at every n-th epoch.
MOST_DOTS = 60
MOST_POINTS = 240
NAMES = {"accuracy": "training", "val_accuracy": "validation"}


@dataclass(frozen=True)
class Line:
    """A line with its label at its last point.

    Attributes:
        kind: the name of its style.
        points: for an SVG polyline in a plot of 1000 by 1000.
        dots: (x, y) of each value, in percent; of many only the last.
        label_at: how far down the label stands, in percent.
    """

    kind: str
    name: str
    points: str
    dots: tuple[tuple[float, float], ...]
    label_at: float

    @property
    def end(self) -> tuple[float, float]:
        """The last point."""
        return self.dots[-1]


@dataclass(frozen=True)
class Curve:
    """A chart of shares over epochs, and its text for those who do not see it."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    text: str


def accuracy_curve(history: Sequence[Json], epochs: int) -> Curve | None:
    """Returns the curve of a training's accuracy, or None before the first epoch has ended.

    Args:
        history: one entry an epoch with `epoch` (from 1), `accuracy` and `val_accuracy`, 0 to 1.
        epochs: how many epochs there will be; the axis is that long from the beginning, so nothing jumps.
    """
    series = {name: _values(history, name) for name in NAMES}
    series = {name: values for name, values in series.items() if values}
    if not series:
        return None
    last_epoch = max(epochs, *(epoch for values in series.values() for epoch, _ in values))
    floor = _floor(min(value for values in series.values() for _, value in values))
    lines = [_line(name, values, last_epoch, floor) for name, values in series.items()]
    return Curve(
        x_ticks=tuple(Tick(_across(epoch, last_epoch), str(epoch)) for epoch in _epoch_ticks(last_epoch)),
        y_ticks=tuple(Tick(_down(share, floor), cut(share)) for share in (floor, (floor + 1) / 2, 1.0)),
        lines=tuple(apart(lines)),
        text="; ".join(
            f"{NAMES[name]} accuracy from {percent(values[0][1])} to {percent(values[-1][1])}"
            for name, values in series.items()
        ),
    )


def _values(history: Sequence[Json], name: str) -> list[tuple[int, float]]:
    return [(int(entry["epoch"]), float(entry[name])) for entry in history if entry.get(name) is not None]


def _line(name: str, values: list[tuple[int, float]], last_epoch: int, floor: float) -> Line:
    dots = tuple((_across(epoch, last_epoch), _down(value, floor)) for epoch, value in _thinned(values))
    points = " ".join(f"{x * 10:.0f},{y * 10:.0f}" for x, y in dots)
    shown = dots if len(dots) <= MOST_DOTS else dots[-1:]
    return Line(kind=name, name=NAMES[name], points=points, dots=shown, label_at=dots[-1][1])


def _thinned(values: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Returns every n-th value, counted from the last, so that a line never has more than `MOST_POINTS`."""
    every = ceil(len(values) / MOST_POINTS)
    return values[::-1][::every][::-1]


def apart(lines: Sequence[Line]) -> list[Line]:
    """Moves labels that would run into each other upwards, beginning with the lowest."""
    placed: list[Line] = []
    for line in sorted(lines, key=lambda one: one.label_at)[::-1]:
        at = min(line.label_at, placed[-1].label_at - LABEL_GAP) if placed else line.label_at
        placed.append(replace(line, label_at=at))
    return placed[::-1]


def _floor(smallest: float) -> float:
    return next(floor for floor in FLOORS if floor <= max(smallest, 0.0))


def _across(epoch: int, last_epoch: int) -> float:
    return 0.0 if last_epoch < 2 else round((epoch - 1) / (last_epoch - 1) * 100, 2)


def _down(share: float, floor: float) -> float:
    return round((1 - share) / (1 - floor) * 100, 2)


def _epoch_ticks(last_epoch: int) -> list[int]:
    """Returns at most `MOST_TICKS` epochs with the first and the last among them, evenly spread."""
    step = next(s for s in STEPS if ceil(last_epoch / s) < MOST_TICKS or s == STEPS[-1])
    inner = [
        epoch for epoch in range(step, last_epoch, step) if epoch - 1 >= step / 2 and last_epoch - epoch >= step / 2
    ]
    return sorted({1, *inner, last_epoch})
