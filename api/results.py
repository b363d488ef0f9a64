"""Reads a job's outcomes from where the workers put them, in input order, with every repeat in its place."""

from __future__ import annotations

import heapq
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice

from api.bodies import no_cursor
from api.intake.repeats import Repeat, read_repeats
from api.services import Services
from shared import items
from shared.errors import ResultsDamaged
from shared.items import ItemInput
from shared.jobs import chunks
from shared.jobs.model import Job, Json, Status
from shared.jobs.store import ListUnit
from shared.schemas.base import PageQuery
from shared.schemas.job import ItemFilter

# Units are asked of Redis so many at a time: a page needs a few, a stream of everything all.
UNITS_AT_ONCE = 64
# How many chunks are held for the repeats that follow; 64 outcomes take about 40 kB.
CHUNKS_HELD = 32
# Other requests get their turn after so many repeats, which take a few milliseconds.
YIELD_EVERY = 64


@dataclass(frozen=True)
class Found:
    """An outcome and where it was asked for.

    Attributes:
        index: of the item that has the line; another one's than `item`'s where that is a repeat.
    """

    item: Json
    unit: ListUnit
    index: int


def outcomes(services: Services, job: Job, start: int = 0) -> Iterator[Json]:
    """Returns the items that have an outcome, in input order, from index `start` on.

    Of a canceled list all others are there, too, as canceled. The first one is read before this returns, so that an
    error is still an answer of its own.

    Raises:
        ResultsDamaged: a file of the job is missing or broken; of later files it is raised as they are read.
    """
    if job.single:
        return iter([job.result] if job.result is not None and job.result["index"] >= start else [])
    found = (one.item for one in ListOutcomes(services, job).read(start))
    return chain(list(islice(found, 1)), found)


def failed_inputs(services: Services, job: Job) -> Iterator[ItemInput]:
    """Returns what was asked for the failed items of an ended classification, in input order.

    Raises:
        ResultsDamaged: a file of the job is missing or broken.
    """
    if job.single:
        units = services.jobs.list_units(job.id, 0, 1) if job.error else []
        yield from (ItemInput.of(unit.payload["item"]) for unit in units)
        return
    listed = ListOutcomes(services, job)
    for found in listed.failed():
        yield listed.asked(found)


def count_failed(services: Services, job: Job) -> int:
    """Returns how many inputs `failed_inputs` gives, without reading them.

    Raises:
        ResultsDamaged: a file of the job is missing or broken.
    """
    return int(bool(job.error)) if job.single else sum(1 for _ in ListOutcomes(services, job).failed())


class ListOutcomes:
    """The outcomes of a list, read chunk by chunk."""

    def __init__(self, services: Services, job: Job) -> None:
        self._services = services
        self._job = job
        self._read_bytes = lru_cache(maxsize=CHUNKS_HELD)(services.storage.read_bytes)

    def read(self, start: int) -> Iterator[Found]:
        """Returns what is there from index `start` on."""
        if not self._job.spec.get("repeats"):
            return self._from(start, line=start)
        before, repeats = read_repeats(self._services.storage, self._job.id, start)
        own = self._from(start, line=start - before)
        return heapq.merge(own, self._repeated(repeats), key=lambda found: int(found.item["index"]))

    def failed(self) -> Iterator[Found]:
        """Returns the items that failed."""
        return (found for found in self.read(0) if found.item["status"] == "failed")

    def asked(self, found: Found) -> ItemInput:
        """Returns the input of an item."""
        with _damage():
            asked = chunks.input_of(self._read_bytes(found.unit.payload["input"]), found.index)
        return replace(asked, index=found.item["index"], id=found.item["id"])

    def _from(self, start: int, line: int) -> Iterator[Found]:
        """Returns the items that have lines of their own; `line` is that of the first one at or after `start`."""
        units = self._services.jobs.list_units(self._job.id, line, UNITS_AT_ONCE)
        return (found for found in self._of(units) if found.index >= start)

    def _of(self, units: list[ListUnit]) -> Iterator[Found]:
        while units:
            for unit in units:
                yield from (Found(item, unit, item["index"]) for item in self._unit(unit))
                # A long list is read in one go; other requests get their turn between chunks.
                time.sleep(0)
            last = units[-1]
            units = self._services.jobs.list_units(self._job.id, last.first + last.count, UNITS_AT_ONCE)

    def _unit(self, unit: ListUnit) -> list[Json]:
        with _damage():
            done = chunks.outcomes(self._services.storage.read_bytes(unit.results)) if unit.results else []
            if self._job.status is not Status.CANCELED:
                return done
            known = {item["index"]: item for item in done}
            return [known.get(asked.index) or items.canceled(asked) for asked in self._inputs(unit)]

    def _inputs(self, unit: ListUnit) -> list[ItemInput]:
        data = self._read_bytes(unit.payload["input"])
        return chunks.inputs(data, unit.first - unit.payload["base"], unit.count)

    def _repeated(self, repeats: Iterator[Repeat]) -> Iterator[Found]:
        units = self._services.jobs.list_units(self._job.id, 0, None)
        firsts = [unit.first for unit in units]
        for number, repeat in enumerate(repeats):
            if number % YIELD_EVERY == 0:
                time.sleep(0)
            place = bisect_right(firsts, repeat.of_line) - 1
            item = self._outcome(units[place], repeat) if place >= 0 else None
            if item is not None:
                yield Found(item | {"index": repeat.index, "id": repeat.id}, units[place], repeat.of_index)

    def _outcome(self, unit: ListUnit, repeat: Repeat) -> Json | None:
        with _damage():
            item = chunks.outcome_of(self._read_bytes(unit.results), repeat.of_index) if unit.results else None
            if item is None and self._job.status is Status.CANCELED:
                return items.canceled(chunks.input_of(self._read_bytes(unit.payload["input"]), repeat.of_index))
            return item


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, ValueError, TypeError, LookupError) as error:
        raise ResultsDamaged(f"A file of the job's results is missing or broken: {error}.") from error


def wanted(items: Iterator[Json], query: ItemFilter) -> Iterator[Json]:
    """Leaves out what the query does not ask for."""
    return filter(query.lets_through, items)


def cursor_of(query: PageQuery) -> int:
    """Returns the index at which a page begins.

    Raises:
        InvalidRequest: the cursor is not one.
    """
    if query.cursor is None:
        return 0
    if not query.cursor.isascii() or not query.cursor.isdigit() or len(query.cursor) > 18:
        raise no_cursor()
    return int(query.cursor)
