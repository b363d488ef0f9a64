"""Reads a source: every picture examined in threads, gathered in the source's order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from shared.datasets.report import Refused
from shared.fetch.fetcher import Fetcher
from shared.storage import Storage
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.datasets.source import Candidate, Context, Source
from trainer.importing.classes import class_names
from trainer.importing.collect import Collection
from trainer.importing.examine import Examiner
from trainer.importing.given import open_source
from trainer.importing.spec import Fetching, ImportSpec
from trainer.importing.threads import in_order

# Who fetches mostly waits; who decodes keeps a core busy.
FETCH_THREADS = 16
MOST_DECODE_THREADS = 8
# What a picture may take besides its fetch.
BESIDES_FETCH_S = 20.0


@dataclass
class Reader:
    """Reads the source of one import.

    Attributes:
        events: hears how far it is.
        stop: looked at between any two pictures.
    """

    spec: ImportSpec
    storage: Storage
    events: Events
    stop: StopFlag

    def __post_init__(self) -> None:
        self._fetches = False

    def read(self, collection: Collection) -> list[str]:
        """Reads everything into the collection.

        Returns:
            All classes, those too of which no picture can be used.

        Raises:
            Stopped: it was told to stop.
            PathNotAllowed, ImportFailed: the source is not there, or not what it should be.
        """
        with self.stop.at_once():
            source = open_source(self.spec.source, self._context())
        met: set[str] = set()
        examined = in_order(
            _noted(source, met),
            Examiner(self.spec.max_image_pixels),
            threads=FETCH_THREADS if self._fetches else min(os.cpu_count() or 1, MOST_DECODE_THREADS),
            waits=self._waits,
            goes_on=self.stop.check,
        )
        self.events.progress(now=True, phase="reading", total=len(source))
        for done, found in enumerate(examined, start=1):
            collection.add(found)
            self.stop.check()
            self.events.progress(done=done, failed=collection.failed)
        return class_names(source, met)

    def _context(self) -> Context:
        spec = self.spec
        return Context(
            import_dir=Path(spec.import_dir),
            storage=self.storage,
            fetcher=self._fetcher,
            seed=spec.seed,
            max_bytes=spec.max_image_bytes,
            max_files=spec.max_files,
        )

    def _fetcher(self) -> Fetcher:
        self._fetches = True
        return make_fetcher(self.spec.fetching)

    def _waits(self) -> None:
        """Says that nothing may come for as long as the slowest fetch may take."""
        if self._fetches:
            seconds = self.spec.fetching.timeout_s + BESIDES_FETCH_S
            self.events.send("waiting", seconds=seconds, reason="fetching pictures")


def make_fetcher(how: Fetching) -> Fetcher:
    """Returns what fetches URLs."""
    allow = [ip_network(network) for network in how.allow]
    return Fetcher(allow=allow, timeout_s=how.timeout_s, per_host=how.per_host)


def _noted(source: Source, met: set[str]) -> Iterator[Candidate | Refused]:
    """Yields the source's pictures and notes their classes, whatever becomes of them."""
    for entry in source:
        if isinstance(entry, Candidate):
            met.add(entry.label)
        yield entry
