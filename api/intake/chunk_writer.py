"""Writes a list's lines into storage and cuts them into units."""

from __future__ import annotations

import json
import time

from shared.jobs.chunks import chunk_lines
from shared.jobs.files import input_path
from shared.jobs.model import Json, NewUnit
from shared.storage import Storage

# A file holds many chunks, because a remote storage takes as long for a small file as for a large one; and not all of
# them, because who works on one chunk reads the whole file.
FILE_LINES = 1024
FILE_BYTES = 1024 * 1024


class ChunkWriter:
    """Takes a list's lines one by one, and says at the end which units they make.

    Args:
        expected: how many lines will come, by which the size of a chunk is chosen.
    """

    def __init__(self, storage: Storage, job_id: str, expected: int) -> None:
        self._storage = storage
        self._job_id = job_id
        self._chunk_lines = chunk_lines(expected)
        self._units: list[NewUnit] = []
        self._lines: list[bytes] = []
        self._bytes = 0
        self._base = 0

    def add(self, line: bytes) -> None:
        """Adds a line, its line break included."""
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) % self._chunk_lines == 0 and self._is_full():
            self._flush()

    def add_item(self, item: Json) -> None:
        """Adds an item as a line."""
        self.add(json.dumps(item).encode("ascii") + b"\n")

    def units(self) -> list[NewUnit]:
        """Writes what is left, and returns the units of all lines."""
        self._flush()
        return self._units

    def _is_full(self) -> bool:
        return len(self._lines) >= FILE_LINES or self._bytes >= FILE_BYTES

    def _flush(self) -> None:
        if not self._lines:
            return
        path = input_path(self._job_id, self._base)
        self._storage.write_bytes(path, b"".join(self._lines))
        count = len(self._lines)
        for start in range(0, count, self._chunk_lines):
            size = min(self._chunk_lines, count - start)
            payload = {"input": path, "base": self._base}
            self._units.append(NewUnit(payload, first=self._base + start, count=size))
        self._base += count
        self._lines = []
        self._bytes = 0
        # Writing a file does not yield to other requests by itself.
        time.sleep(0)
