"""The root of all errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class FieldError:
    """One wrong field or query value of a request, or one wrong line of a list."""

    field: str
    message: str


class LoupeError(Exception):
    """The root. Its text is shown to the user: what was expected, what came, what to do."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong in Loupe"
    transient: ClassVar[bool] = False
    # After how many seconds to try again, where that is known.
    retry_after_s: int | None = None

    def __init__(self, message: str = "", errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message or self.title)
        self.message = message or self.title
        self.errors = errors
