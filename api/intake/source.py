"""What a classification is asked of: one URL, a list of them, pictures. Each becomes units in its own way."""

from __future__ import annotations

from typing import Protocol

from api.intake.chunk_writer import ChunkWriter
from api.intake.repeats import write_repeats
from api.intake.rows import Rows
from shared.jobs.model import Json, NewUnit
from shared.storage import Storage


class Source(Protocol):
    """Where the items of a new job come from."""

    @property
    def single(self) -> bool:
        """Whether it makes a single job."""
        ...

    @property
    def stores(self) -> bool:
        """Whether anything is written for its job."""
        ...

    @property
    def total(self) -> int:
        """How many items there are."""
        ...

    @property
    def distinct(self) -> int:
        """How many of them are worked on."""
        ...

    @property
    def repeats(self) -> int:
        """How many have the URL of one before, and so its outcome."""
        ...

    def content(self) -> Json:
        """Returns by what a request that comes again is told from another one."""
        ...

    def store(self, storage: Storage, job_id: str) -> list[NewUnit]:
        """Writes what the workers need into the job's folder, and returns its units."""
        ...


class OneUrl:
    """One URL: a single job."""

    single = True
    stores = False
    total = distinct = 1
    repeats = 0

    def __init__(self, url: str) -> None:
        self._url = url

    def content(self) -> Json:
        """The URL."""
        return {"url": self._url}

    def store(self, storage: Storage, job_id: str) -> list[NewUnit]:  # noqa: ARG002 - nothing is to be stored
        """Returns the one unit."""
        return [NewUnit({"item": {"id": None, "url": self._url}})]


class UrlList:
    """A list of URLs that was read into rows: a list job, even of one item."""

    single = False
    stores = True

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.total = rows.total
        self.distinct = rows.distinct
        self.repeats = rows.repeated

    def content(self) -> Json:
        """The hash of all ids and URLs, however they were written down."""
        return {"items": self._rows.digest}

    def store(self, storage: Storage, job_id: str) -> list[NewUnit]:
        """Writes the chunks, and where the repeats belong. It can be done once: the rows are forgotten."""
        writer = ChunkWriter(storage, job_id, self.distinct)
        for line in self._rows.lines():
            writer.add(line)
        units = writer.units()
        write_repeats(storage, job_id, self._rows.repeats())
        # What they take of the memory is free for the job's record.
        self._rows.close()
        return units
