"""Pictures page by page: which of them a page shows, what it says of them, and the way to the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from api.pages.format import number, plural

# Browsers fetch them as they come into view; more make a page nobody scrolls to the end of.
EACH = 48

T = TypeVar("T")


@dataclass(frozen=True)
class Pager:
    """A page of pictures.

    Attributes:
        start: the first one that is shown, from 0.
        total: how many there are.
        href: returns the address of the page that begins with another one.
    """

    start: int
    total: int
    href: Callable[[int], str]

    def shown(self, found: Sequence[T]) -> Sequence[T]:
        """Returns those of all that the page shows."""
        return found[self.start : self.start + EACH]

    @property
    def span(self) -> str:
        """Which ones these are: 49 to 96 of 400 pictures."""
        last = min(self.start + EACH, self.total)
        return f"{number(self.start + 1)} to {number(last)} of {plural(self.total, 'picture')}"

    @property
    def earlier(self) -> str:
        """The page before; empty on the first."""
        return self.href(max(0, self.start - EACH)) if self.start else ""

    @property
    def more(self) -> str:
        """The next page; empty on the last."""
        following = self.start + EACH
        return self.href(following) if self.total > following else ""
