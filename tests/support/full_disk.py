"""A disk that runs full."""

from __future__ import annotations

from shared.errors import StorageFull
from shared.storage import Storage


class FullDisk(Storage):
    """A storage with room for so many bytes, and none after."""

    def __init__(self, url: str, room: int) -> None:
        super().__init__(url)
        self.room = room

    def write_bytes(self, path: str, data: bytes) -> None:
        """Writes while there is room."""
        self.room -= len(data)
        if self.room < 0:
            raise StorageFull(f"writing {path}: No space left on device")
        super().write_bytes(path, data)
