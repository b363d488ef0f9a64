"""What is wrong with the lines of a list, as far as anybody would read it."""

from __future__ import annotations

from collections.abc import Iterable

from api.bodies import MOST_ERRORS, summary
from shared.errors import FieldError, InvalidRequest


class Findings:
    """Counts every wrong line and names the first hundred.

    Attributes:
        errors: those that are named, in the order of the list.
        total: how many there are.
    """

    def __init__(self) -> None:
        self.errors: list[FieldError] = []
        self.total = 0

    def add(self, found: Iterable[FieldError]) -> None:
        """Takes note of what is wrong with one line or item."""
        for error in found:
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
