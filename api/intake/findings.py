"""What is wrong with the lines of a list, as far as anybody would read it."""

from __future__ import annotations

from collections.abc import Iterable

from api.bodies import MOST_ERRORS, summary
from shared.errors import FieldError, InvalidRequest

# With more wrong than this the rest is not looked at: to count millions of lines takes a core for minutes.
MOST_COUNTED = 200_000


class Findings:
    """Counts wrong lines and names the first hundred.

    Attributes:
        errors: those that are named, in the order of the list.
        total: how many there are.
    """

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.total = 0

    def add(self, found: Iterable[FieldError]) -> None:
        """Takes note of what is wrong with one line or item.

        Raises:
            InvalidRequest: there is so much that nobody would read on.
        """
        for error in found:
            if self.total == MOST_COUNTED:
                self.check()
            self.total += 1
            if len(self.errors) < MOST_ERRORS:
                self.errors.append(error)

    def add_line(self, number: int, message: str) -> None:
        """Takes note of what is wrong with a line, the first being line 1."""
        self.add([FieldError(f"line {number}", message)])

    def check(self) -> None:
        """Refuses the request if anything was found.

        Raises:
            InvalidRequest: names the lines.
        """
        if self.total:
            raise InvalidRequest(summary(self.total, "thing"), tuple(self.errors))
