"""The class-balance chart: a bar for each class, the test side in another colour."""

from __future__ import annotations

from collections.abc import Mapping

from shared.datasets.manifest import SideCounts
from trainer.importing.canvas import FAINT, Canvas, Color

NAMES, BARS, NUMBERS, GAP = 150, 480, 130, 10
ROW, THICK, TOP = 26, 16, 34
MOST_ROWS = 60
# Distinct for people who see no red or green, and apart in lightness too.
TRAIN_COLOR: Color = (70, 105, 170)
TEST_COLOR: Color = (232, 163, 61)


def balance_chart(counts: Mapping[str, SideCounts]) -> bytes:
    """Returns a PNG of how many pictures each class has on each side."""
    rows = list(counts.items())[:MOST_ROWS]
    more = len(counts) - len(rows)
    canvas = Canvas(NAMES + BARS + NUMBERS, TOP + (len(rows) + (1 if more else 0)) * ROW + GAP)
    _legend(canvas)
    longest = max(sides.total for sides in counts.values())
    for row, (name, sides) in enumerate(rows):
        top = TOP + row * ROW
        train = round(BARS * sides.train / longest)
        test = round(BARS * sides.total / longest) - train
        canvas.text(name, GAP, top + THICK - 2, room=NAMES - 2 * GAP)
        canvas.box(NAMES, top, train, THICK, TRAIN_COLOR)
        canvas.box(NAMES + train, top, test, THICK, TEST_COLOR)
        canvas.text(f"{sides.train:,} + {sides.test:,}", NAMES + train + test + GAP, top + THICK - 2, FAINT)
    if more:
        canvas.text(f"and {more} more classes", GAP, TOP + len(rows) * ROW + THICK, FAINT)
    return canvas.encoded(".png")


def _legend(canvas: Canvas) -> None:
    left = NAMES
    for name, color in (("training", TRAIN_COLOR), ("test", TEST_COLOR)):
        canvas.box(left, 10, 12, 12, color)
        canvas.text(name, left + 18, 21)
        left += 18 + canvas.width_of(name) + 20
