"""What a benchmark is asked to show: a figure and the most or the least that it may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """One figure against its target.

    Attributes:
        what: the figure in words, with its unit.
        least, most: the target; one of them is None.
        condition: a run in which it is missed does not count, whatever the other figures are.
    """

    what: str
    value: float
    least: float | None = None
    most: float | None = None
    condition: bool = False

    @property
    def passed(self) -> bool:
        """Whether the figure reaches its target. One that is no number does not."""
        return (self.least is None or self.value >= self.least) and (self.most is None or self.value <= self.most)

    @property
    def target(self) -> str:
        """The target in words."""
        return f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"

    def record(self) -> dict[str, Any]:
        """Returns the check as JSON keeps it."""
        return {**asdict(self), "passed": self.passed}


@dataclass(frozen=True)
class Verdict:
    """What a run came to.

    Attributes:
        counts: whether its conditions hold.
        passed: whether it counts and every target is reached.
    """

    counts: bool
    passed: bool

    @property
    def words(self) -> str:
        """The verdict in words."""
        if not self.counts:
            return "does not count"
        return "every target reached" if self.passed else "a target was missed"


def verdict(checks: Iterable[Check]) -> Verdict:
    """Judges a run by its checks."""
    known = list(checks)
    counts = all(check.passed for check in known if check.condition)
    return Verdict(counts, counts and all(check.passed for check in known))
