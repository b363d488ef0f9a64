"""Reads a source: every picture examined in threads, gathered in the source's order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from shared.datasets.report import Refused
from shared.storage import Storage
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.datasets.source import Candidate, Context, Source, label_problem, refused
from trainer.importing.classes import class_names
from trainer.importing.collect import Collection
from trainer.importing.examine import Examiner
from trainer.importing.given import open_source
from trainer.importing.scratch import Scratch
from trainer.importing.spec import Fetching, ImportSpec
from trainer.importing.stored import stored
from trainer.threads import in_order

if TYPE_CHECKING:
    from shared.fetch.fetcher import Fetcher

# Who fetches mostly waits; who decodes keeps a core busy.
FETCH_THREADS = 16
MOST_DECODE_THREADS = 8
# What a picture may take besides its fetch.
BESIDES_FETCH_S = 20.0
# Pictures handed to a thread at once: a small one costs less than the handing over.
CHUNK = 32
# But fewer of those that are in memory already.
MOST_HELD_BYTES = 1024 * 1024


@dataclass
class Reader:
    """Reads the source of one import.

    Attributes:
        events: hears how far it is.
        stop: looked at between any two pictures.
    """

    spec: ImportSpec
    storage: Storage
    scratch: Scratch
    events: Events
    stop: StopFlag

    def __post_init__(self) -> None:
        self._fetcher: Fetcher | None = None
        self._seen = 0

    def read(self, collection: Collection) -> list[str]:
        """Reads everything into the collection.

        Returns:
            All classes, those too of which no picture can be used.

        Raises:
            Stopped: it was told to stop.
            PathNotAllowed, ImportFailed: the source is not there, or not what it should be.
        """
        self.events.waiting("listing the source")
        try:
            with self.stop.at_once():
                source = self._opened()
            return self._read(source, collection)
        finally:
            if self._fetcher is not None:
                self._fetcher.close()

    def _opened(self) -> Source:
        if self.spec.corrected_from:
            fetching = partial(self.events.waiting, "fetching the dataset")
            return stored(self.storage, self.spec.name, self.spec.corrected_from, fetching)
        return open_source(self.spec.source, self._context())

    def _read(self, source: Source, collection: Collection) -> list[str]:
        met: set[str] = set()
        examiner = Examiner(self.spec.max_image_pixels, self.scratch)
        examined = in_order(
            chunked(_noted(source, met), 1 if self._fetcher else CHUNK),
            examiner,
            threads=FETCH_THREADS if self._fetcher else min(os.cpu_count() or 1, MOST_DECODE_THREADS),
            waits=self._waits,
            goes_on=lambda: self._goes_on(examiner),
        )
        self.events.progress(now=True, phase="reading", total=len(source))
        for done, found in enumerate(examined, start=1):
            collection.add(found)
            self.stop.check()
            self.events.progress(done=done, failed=collection.failed)
        return class_names(source, met)

    def _waits(self) -> None:
        """Says that nothing may come for as long as the slowest fetch may take."""
        if self._fetcher:
            seconds = self.spec.fetching.timeout_s + BESIDES_FETCH_S
            self.events.send("waiting", seconds=seconds, reason="fetching pictures")

    def _goes_on(self, examiner: Examiner) -> None:
        """Says that large pictures advance, though none of them can be counted yet."""
        self.stop.check()
        # A fetch has said how long it may take; a word that others advance would cut that short.
        if self._fetcher is None and examiner.count != self._seen:
            self._seen = examiner.count
            self.events.progress()

    def _context(self) -> Context:
        spec = self.spec
        return Context(
            import_dir=Path(spec.import_dir),
            storage=self.storage,
            fetcher=self._fetching,
            fetching=partial(self.events.waiting, "fetching the upload"),
            seed=spec.seed,
            max_bytes=spec.max_image_bytes,
            max_files=spec.max_files,
        )

    def _fetching(self) -> Fetcher:
        if self._fetcher is None:
            self._fetcher = make_fetcher(self.spec.fetching)
        return self._fetcher


def make_fetcher(how: Fetching) -> Fetcher:
    """Returns what fetches URLs."""
    # Importing it takes a tenth of a second, and most imports fetch nothing.
    from shared.fetch.fetcher import Fetcher

    allow = [ip_network(network) for network in how.allow]
    return Fetcher(allow=allow, timeout_s=how.timeout_s, per_host=how.per_host)


def chunked(entries: Iterable[Candidate | Refused], most: int) -> Iterator[list[Candidate | Refused]]:
    """Yields the entries in lists of at most `most`, and of not much more than `MOST_HELD_BYTES` of content."""
    chunk: list[Candidate | Refused] = []
    held = 0
    for entry in entries:
        chunk.append(entry)
        held += 0 if isinstance(entry, Refused) else entry.held
        if len(chunk) >= most or held >= MOST_HELD_BYTES:
            yield chunk
            chunk, held = [], 0
    if chunk:
        yield chunk


def _noted(source: Source, met: set[str]) -> Iterator[Candidate | Refused]:
    """Yields the source's pictures and notes their classes, whatever becomes of them."""
    for entry in source:
        wrong = label_problem(entry.label) if isinstance(entry, Candidate) else None
        if isinstance(entry, Candidate) and wrong is None:
            met.add(entry.label)
        yield entry if wrong is None else refused(entry.file, wrong)
