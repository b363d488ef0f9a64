"""The items of a list while its body is read: on disk but for a few bytes each, so that memory stays flat."""

from __future__ import annotations

import hashlib
import tempfile
import time
from array import array
from collections.abc import Iterator
from json.encoder import encode_basestring_ascii as quoted
from typing import IO, Self

from api.intake.findings import Findings
from api.intake.first_seen import FirstSeen
from shared.errors import TooManyItems

# Lists below this many bytes are never written to the disk.
SPOOL_IN_MEMORY_BYTES = 256 * 1024
# Parsing does not yield to other requests by itself: so many items take a few milliseconds.
YIELD_EVERY = 256
# How many times the limit a dry run counts; a body of nothing but line ends would keep a core busy for minutes.
COUNTED = 10


def too_many(limit: int) -> TooManyItems:
    """Returns the error of a list that is too long."""
    return TooManyItems(f"At most {limit:,} items are taken at once, and there are more. Send several lists.")


class Rows:
    """Collects the ids and URLs of a list, finds repeats, and takes note of what is wrong.

    Use as a context manager: it holds temporary files.

    Args:
        limit: how many items are taken, LOUPE_MAX_ITEMS.
        count_on: whether what comes beyond the limit is counted, for a dry run, instead of refused; up to ten times it.

    Attributes:
        total: how many items came, wrong ones included.
        findings: what is wrong with some of them.
    """

    def __init__(self, limit: int, *, count_on: bool = False) -> None:
        self._limit = limit
        self._count_on = count_on
        self._files: list[IO[bytes]] = []
        self.restart()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forgets all items."""
        for file in self._files:
            file.close()
        self._files = []
        self._seen = FirstSeen()
        self._times = array("I")
        self._firsts = array("I")

    def restart(self) -> None:
        """Begins again: of a key that a JSON object has twice, the last counts."""
        self.close()
        self.total = 0
        self.findings = Findings()
        self._sha256 = hashlib.sha256()
        self._lines = self._new_file()
        self._repeats = self._new_file()

    @property
    def distinct(self) -> int:
        """How many different URLs the list has."""
        return len(self._seen)

    @property
    def repeated(self) -> int:
        """How many items have the URL of one before them."""
        return sum(self._times)

    @property
    def digest(self) -> str:
        """The SHA-256 of all ids and URLs in their order, by which repeated requests are compared."""
        return self._sha256.hexdigest()

    def count(self) -> int:
        """Counts one more item and returns its index.

        Raises:
            TooManyItems: there are more than are taken, or counted.
        """
        if self.total >= self._limit * (COUNTED if self._count_on else 1):
            raise too_many(self._limit)
        self.total += 1
        if self.total % YIELD_EVERY == 0:
            time.sleep(0)
        return self.total - 1

    def add(self, index: int, own_id: str | None, url: str) -> None:
        """Adds an item that `count()` numbered."""
        if index >= self._limit:
            return
        shown_id = "null" if own_id is None else quoted(own_id)
        # Written by hand, as json.dumps writes it: a third of the time that reading a list takes would go there.
        line = f'{{"index": {index}, "id": {shown_id}, "url": {quoted(url)}}}'.encode("ascii")
        self._sha256.update(line)
        number, new = self._seen.number(url.encode("utf-8", "surrogatepass"))
        if new:
            self._times.append(0)
            self._firsts.append(index)
            self._lines.write(line + b"\n")
        else:
            self._times[number] += 1
            self._repeats.write(f"[{index}, {self._firsts[number]}, {number}, {shown_id}]\n".encode("ascii"))

    def lines(self) -> Iterator[bytes]:
        """Returns the lines of the list's chunks, one for each distinct URL."""
        self._lines.seek(0)
        for times, line in zip(self._times, self._lines, strict=True):
            yield line if not times else b'%b, "repeats": %d}\n' % (line.rstrip(b"}\n"), times)

    def repeats(self) -> Iterator[bytes]:
        """Returns a line for each repeat in the order of the list: see api/intake/repeats.py."""
        self._repeats.seek(0)
        yield from self._repeats

    def _new_file(self) -> IO[bytes]:
        file = tempfile.SpooledTemporaryFile(SPOOL_IN_MEMORY_BYTES)  # noqa: SIM115 - closed with the rows
        self._files.append(file)
        return file
