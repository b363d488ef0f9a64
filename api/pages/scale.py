"""A share's axis: where it begins and ends, and its few round ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from shared.shares import cut

STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
MOST_STEPS = 4
# Values closer than this are drawn as if they were this far apart: luck must not look like a cliff.
LEAST_SPAN = 0.02


@dataclass(frozen=True)
class Tick:
    """A tick of an axis: where it stands, in percent, and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Scale:
    """An axis of shares from `low` at the bottom to `high` at the top, both within 0 to 1."""

    low: float
    high: float
    step: float

    def down(self, share: float) -> float:
        """Returns how far down a share stands, in percent of the plot's height."""
        return round((self.high - share) / (self.high - self.low) * 100, 2)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The ticks from the bottom up."""
        count = round((self.high - self.low) / self.step)
        shares = [round(self.low + index * self.step, 6) for index in range(count + 1)]
        return tuple(Tick(self.down(share), cut(share)) for share in shares)


def scale_of(shares: Sequence[float]) -> Scale:
    """Returns the axis that fits these shares, of which there is at least one."""
    low, high = min(shares), max(shares)
    wanted = max(high - low, LEAST_SPAN)
    for step in STEPS:
        first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
        if wanted / step <= MOST_STEPS and last - first <= MOST_STEPS:
            break
    # One share alone, or all the same: the axis still has two ends, and the share stands between them.
    first -= first == last
    last = min(max(last, first + 2), round(1 / step))
    first = max(0, min(first, last - 2))
    last = max(last, first + 2)
    return Scale(round(first * step, 6), round(last * step, 6), step)
