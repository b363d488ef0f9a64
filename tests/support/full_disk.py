"""A disk that runs full."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from shared.errors import StorageFull
from shared.storage import Storage


class FullDisk(Storage):
    """A storage with room for so many bytes, and none after."""

    def __init__(self, url: str, room: int) -> None:
        super().__init__(url)
        self.room = room

    @contextmanager
    def open_write(self, path: str) -> Iterator[BinaryIO]:
        """Writes while there is room."""
        with super().open_write(path) as file:
            yield file
            self.room -= file.tell()
            if self.room < 0:
                raise StorageFull(f"writing {path}: No space left on device")
