"""Where pictures wait until it is known which of them make the version."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.storage import disk_error


class Scratch:
    """A nameless file, which goes with the process however that ends. Several threads may use it."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed with the block
        except OSError as error:
            raise disk_error(f"making a scratch file in {folder}", error) from error
        self._lock = threading.Lock()
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, data: bytes) -> int:
        """Writes bytes and returns where they lie.

        Raises:
            StorageFull: the disk is full.
        """
        with self._lock:
            offset = self._size
            self._size += len(data)
        written = 0
        while written < len(data):
            try:
                written += os.pwrite(self._file.fileno(), data[written:] if written else data, offset + written)
            except OSError as error:
                raise disk_error("writing a scratch file", error) from error
        return offset

    def read(self, offset: int, length: int) -> bytes:
        """Returns the bytes that were written there."""
        return os.pread(self._file.fileno(), length, offset)
