"""What every schema shares: requests are strict and refuse unknown fields, answers are frozen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]{0,63}$"
NAME_WORDS = "at most 64 small letters, digits, - and _, the first a letter or digit"

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
# RFC 3339 in UTC.
Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]

# In UTC, as all times are.
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001


class Request(BaseModel):
    """The root of bodies and queries: no coercion between types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @classmethod
    def field_name(cls, path: tuple[int | str, ...]) -> str:
        """Returns what a wrong field is called in an answer, as in items.3.url."""
        return ".".join(str(part) for part in path)


class Answer(BaseModel):
    """The root of what the API answers."""

    model_config = ConfigDict(frozen=True)


class PageQuery(Request):
    """The query of every list."""

    limit: int = Field(default=100, ge=1, le=1000, description="How many to answer with.")
    cursor: str | None = Field(default=None, max_length=200, description="`next_cursor` of the page before.")


class NamesQuery(PageQuery):
    """The query of a list by name."""

    cursor: Name | None = Field(default=None, description="`next_cursor` of the page before.")


def rfc3339(seconds: float | None) -> str | None:
    """Returns a time as RFC 3339 in UTC with milliseconds, as in 2026-03-01T14:02:10.250Z; None stays None.

    Args:
        seconds: since 1970.
    """
    if seconds is None:
        return None
    # Without a time zone of its own a time is written in half the time, and a page of 1,000 jobs has 3,000 of them.
    return f"{(EPOCH + timedelta(seconds=seconds)).isoformat(timespec='milliseconds')}Z"
