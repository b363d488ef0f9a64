"""What every schema shares: requests are strict and refuse unknown fields, answers are frozen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

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


class EmptyIs:
    """A value of a query that is left empty, as a form sends it, is one that was not given; so its description says.

    Args:
        default: what it stands for.
    """

    def __init__(self, default: Any) -> None:
        self._default = default

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Returns how it is validated."""
        return no_info_before_validator_function(lambda value: self._default if value == "" else value, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Returns how it is described."""
        described = handler(schema)
        return {"anyOf": [*described.get("anyOf", [described]), {"const": ""}]}


EMPTY_IS_NONE = EmptyIs(None)
USUAL_LIMIT = 100
Limit = Annotated[int, Field(ge=1, le=1000)]


class PageQuery(Request):
    """The query of every list."""

    limit: Annotated[Limit, EmptyIs(USUAL_LIMIT)] = Field(default=USUAL_LIMIT, description="How many to answer with.")
    cursor: Annotated[Annotated[str, Field(max_length=200)] | None, EMPTY_IS_NONE] = Field(
        default=None, description="`next_cursor` of the page before."
    )


class NamesQuery(PageQuery):
    """The query of a list by name."""

    cursor: Annotated[Name | None, EMPTY_IS_NONE] = Field(default=None, description="`next_cursor` of the page before.")


def rfc3339(seconds: float | None) -> str | None:
    """Returns a time as RFC 3339 in UTC with milliseconds, as in 2026-03-01T14:02:10.250Z; None stays None.

    Args:
        seconds: since 1970.
    """
    if seconds is None:
        return None
    # Without a time zone of its own a time is written in half the time, and a page of 1,000 jobs has 3,000 of them.
    return f"{(EPOCH + timedelta(seconds=seconds)).isoformat(timespec='milliseconds')}Z"
