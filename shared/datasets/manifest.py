"""The manifest of a dataset version: what it holds, where that came from, and the hash of every file of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from shared.datasets.layout import VERSION_PATTERN
from shared.registry.manifest import FileName, FileRecord
from shared.registry.record import Record
from shared.schemas.base import Name

Version = Annotated[str, StringConstraints(pattern=VERSION_PATTERN)]


class SideCounts(Record):
    """How many pictures lie on each side of the split."""

    train: int
    test: int

    @property
    def total(self) -> int:
        """Both sides together."""
        return self.train + self.test


class DatasetManifest(Record):
    """One version of a dataset. The version exists when this is written.

    Attributes:
        version: the first 12 hex digits of `content`.
        content: SHA-256 over every picture's hash, class and side.
        source: what was asked for, as in the API's "Datasets".
        seed: with the name it decides the order in which pictures are taken for the test side.
        classes: class names; a picture's label is a place in this list.
        counts: class name → pictures on each side.
        previous: the version that was the newest before this one.
        corrected_from: the version whose pictures these are, where only corrections differ from it.
        files: name → hash and size of every file but the manifest.
    """

    format: Literal[1] = 1
    name: Name
    version: Version
    content: str
    created_at: AwareDatetime
    job_id: str
    source: dict[str, Any]
    test_fraction: float
    seed: int
    classes: list[str]
    counts: dict[str, SideCounts]
    previous: Version | None = None
    corrected_from: Version | None = None
    files: dict[FileName, FileRecord] = Field(default={})

    @property
    def pictures(self) -> SideCounts:
        """All classes together."""
        sides = self.counts.values()
        return SideCounts(train=sum(side.train for side in sides), test=sum(side.test for side in sides))


class Newest(Record):
    """The pointer to the version that was imported last, and how, so that it can be imported again."""

    version: Version
    imported_at: AwareDatetime
    source: dict[str, Any]
    test_fraction: float
    seed: int
