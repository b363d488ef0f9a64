"""Uploaded pictures, each in a part of its own: one is a single job, more are a list."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence

from werkzeug.datastructures import FileStorage

from api.intake.chunk_writer import ChunkWriter
from api.uploads import PIECE_BYTES, describe, shown_name
from shared.jobs.files import upload_path
from shared.jobs.model import Json, NewUnit
from shared.storage import Storage


class Pictures:
    """The pictures of a form's parts."""

    stores = True
    repeats = 0

    def __init__(self, parts: Sequence[FileStorage]) -> None:
        self._parts = parts
        self.total = self.distinct = len(parts)
        self.single = len(parts) == 1

    def content(self) -> Json:
        """Name, file name and SHA-256 of each part."""
        return {"parts": describe(self._parts)}

    def store(self, storage: Storage, job_id: str) -> list[NewUnit]:
        """Copies the pictures into storage.

        One with too many bytes is kept all the same: it is that item's outcome, and the worker's to judge.
        """
        items = (_store(storage, job_id, index, part) for index, part in enumerate(self._parts))
        if self.single:
            return [NewUnit({"item": next(items)})]
        writer = ChunkWriter(storage, job_id, self.total)
        for item in items:
            writer.add_item(item)
        return writer.units()


def _store(storage: Storage, job_id: str, index: int, part: FileStorage) -> Json:
    path = upload_path(job_id, index)
    part.stream.seek(0)
    with storage.open_write(path) as file:
        shutil.copyfileobj(part.stream, file, PIECE_BYTES)
    # Writing a file does not yield to other requests by itself.
    time.sleep(0)
    return {"index": index, "id": None, "url": None, "filename": shown_name(part), "upload": path}
