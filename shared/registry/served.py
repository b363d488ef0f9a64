"""The served pointer: which version of a model answers, which did before, and which could not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Refusal(BaseModel):
    """A version that was served and that no worker could load, with what one of them said."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    at: AwareDatetime
    reason: str


class Served(BaseModel):
    """One model's pointer.

    Attributes:
        previous_version: the one that answered before, and the way back.
        promoted_at: when the pointer moved here; no two moves of a model have the same.
        instead_of: the version that it came back from by itself; None where somebody, or the gate, promoted this one.
        refused: all versions that no worker could load when they were last served.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int
    previous_version: int | None
    promoted_at: AwareDatetime
    instead_of: Refusal | None = None
    refused: tuple[Refusal, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file that keeps it when another one takes its place; names sort by time."""
        return f"{self.promoted_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}.json"

    def refusal(self, version: int) -> Refusal | None:
        """Returns why no worker could load a version when it was last served; None if one could."""
        return next((each for each in self.refused if each.version == version), None)

    def promoted(self, version: int) -> Served:
        """Returns the pointer at another version, which gets a new chance if it was refused before."""
        return Served(
            version=version,
            previous_version=self.version,
            promoted_at=datetime.now(UTC),
            refused=self._refused_but(version),
        )

    def gone_back(self, version: int, reason: str, previous: int | None) -> Served:
        """Returns the pointer back at `version`, because no worker can load the one that it names.

        Args:
            previous: the way back from there.
        """
        refusal = Refusal(version=self.version, at=datetime.now(UTC), reason=reason)
        return Served(
            version=version,
            previous_version=previous,
            promoted_at=refusal.at,
            instead_of=refusal,
            refused=(*self._refused_but(self.version), refusal),
        )

    def _refused_but(self, version: int) -> tuple[Refusal, ...]:
        return tuple(each for each in self.refused if each.version != version)


@dataclass(frozen=True)
class Period:
    """How long a version answered: since a time, until another took its place; `until` is None for the one now.

    Attributes:
        refused: why it ended, if no worker could load the version; it then answered nobody.
    """

    version: int
    since: datetime
    until: datetime | None
    refused: str | None = None


def periods_of(pointers: Sequence[Served]) -> list[Period]:
    """Returns the periods of a model's pointers, both newest first: each ended when the next began."""
    successors: list[Served | None] = [None, *pointers]
    return [_period(one, after) for one, after in zip(pointers, successors, strict=False)]


def _period(pointer: Served, after: Served | None) -> Period:
    refusal = after.instead_of if after else None
    refused = refusal.reason if refusal and refusal.version == pointer.version else None
    return Period(pointer.version, pointer.promoted_at, after.promoted_at if after else None, refused)
