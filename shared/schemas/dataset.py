"""Datasets as clients ask for them and see them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from shared.datasets.report import Report
from shared.schemas.base import Answer, Name, Request, Time
from shared.schemas.source import TYPES, Source

TestFraction = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class ImportOptions(Request):
    """How a dataset is called and split; the same for every way of giving pictures."""

    name: Name
    test_fraction: TestFraction = Field(default=0.2, description="Share of each class that is tested on.")
    seed: Seed = Field(default=0, description="Decides which pictures, and what generated ones look like.")


class DatasetRequest(ImportOptions):
    """A dataset to import."""

    source: Source

    @classmethod
    def field_name(cls, path: tuple[int | str, ...]) -> str:
        """Returns a field's name without the type of the source, which pydantic puts into the path."""
        shown = [
            part
            for place, part in enumerate(path)
            if not (part in TYPES and place and path[place - 1] in {"source", "test"})
        ]
        return super().field_name(tuple(shown))


class DatasetVersionLine(Answer):
    """A version in a list."""

    version: str
    created_at: Time
    train: int
    test: int


class DatasetView(Answer):
    """A dataset: its newest version, and which there are."""

    name: str
    version: str = Field(description="The version that was imported last.")
    imported_at: Time
    source: dict[str, Any]
    test_fraction: float
    seed: int
    classes: list[str]
    train: int
    test: int
    versions: list[DatasetVersionLine] = Field(description="Oldest first.")
    links: dict[str, str]


class DatasetPage(Answer):
    """One page of the datasets, by name."""

    items: list[DatasetView]
    next_cursor: str | None


class DatasetVersionView(Answer):
    """A version: its manifest, and what its import found."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: str
    classes: list[str]
    report: Report
    links: dict[str, str] = Field(description="The version's files, by name.")
