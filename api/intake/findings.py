"""What is wrong with the lines of a list, as far as anybody would read it."""

from __future__ import annotations

from collections.abc import Iterable

from shared.errors import FieldError, InvalidRequest

# A list may have thousands of wrong lines; nobody reads more of them than this.
MOST_NAMED = 100


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
            if len(self.errors) < MOST_NAMED:
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
            raise InvalidRequest(summary(self.total), tuple(self.errors))


def summary(total: int) -> str:
    """Returns how many things are wrong, and which of them `errors` names."""
    if total == 1:
        return "One thing is not right; `errors` says which."
    named = f"names the first {MOST_NAMED}" if total > MOST_NAMED else "names each"
    return f"{total:,} things are not right; `errors` {named}."
