"""The served pointer: which version of a model answers, and which did before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Served(BaseModel):
    """One model's pointer; `previous_version` is the one that answered before, and the way back."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    previous_version: int | None
    promoted_at: AwareDatetime

    @property
    def file(self) -> str:
        """The name of the file that keeps it when another one takes its place; names sort by time."""
        return f"{self.promoted_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.json"


@dataclass(frozen=True)
class Period:
    """How long a version answered: since a time, until another took its place; `until` is None for the one now."""

    version: int
    since: datetime
    until: datetime | None


def periods_of(pointers: Sequence[Served]) -> list[Period]:
    """Returns the periods of a model's pointers, both newest first: each ended when the next began."""
    ends: list[datetime | None] = [None, *(pointer.promoted_at for pointer in pointers)]
    return [Period(one.version, one.promoted_at, end) for one, end in zip(pointers, ends, strict=False)]
