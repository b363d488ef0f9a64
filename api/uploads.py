"""Uploaded pictures: what of a form is one, and how it gets into storage."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Sequence

from werkzeug.datastructures import FileStorage, MultiDict

from api.intake.chunk_writer import ChunkWriter
from shared.errors import FieldError, InvalidRequest, UnsupportedMediaType
from shared.jobs.files import upload_path
from shared.jobs.model import Json, NewUnit
from shared.storage import Storage

FIELD = "file"
PIECE_BYTES = 256 * 1024
LONGEST_NAME = 255
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_START = b"\x1f\x8b"


def uploaded(files: MultiDict[str, FileStorage]) -> Pictures:
    """Returns the pictures of a form's `file` parts.

    Raises:
        InvalidRequest: another part holds a file, or there is no picture.
        UnsupportedMediaType: a part is a .zip archive.
    """
    strange = [FieldError(name, f"No file is expected here, only in `{FIELD}`.") for name in files if name != FIELD]
    if strange:
        raise InvalidRequest(f"Files are taken in `{FIELD}` only.", tuple(strange))
    # A browser sends an empty part without a name for a file field that was left alone.
    pictures = [part for part in files.getlist(FIELD) if part.filename or starts(part) != b""]
    if not pictures:
        raise InvalidRequest(
            "A picture is expected.", (FieldError(FIELD, "At least one file part with a picture is expected."),)
        )
    for part in pictures:
        if starts(part) in ZIP_STARTS:
            raise UnsupportedMediaType(
                f"{part.filename!r} is a .zip archive; `{FIELD}` takes pictures, each in a part of its own."
            )
    return Pictures(pictures)


class Pictures:
    """Uploaded pictures: one is a single job, more are a list."""

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
            writer.add(json.dumps(item).encode("ascii") + b"\n")
        return writer.units()


def shown_name(part: FileStorage) -> str:
    """Returns the file name a client gave, without the folders some browsers send."""
    name = (part.filename or "").replace("\\", "/").rpartition("/")[2]
    return name[-LONGEST_NAME:]


def describe(parts: Sequence[FileStorage], field: str = FIELD) -> list[Json]:
    """Returns name, file name and SHA-256 of each part, by which repeated requests are compared."""
    return [{"name": field, "filename": part.filename, "sha256": _digest(part)} for part in parts]


def starts(part: FileStorage) -> bytes:
    """Returns the first four bytes of a part."""
    part.stream.seek(0)
    found = part.stream.read(4)
    part.stream.seek(0)
    return found


def _store(storage: Storage, job_id: str, index: int, part: FileStorage) -> Json:
    path = upload_path(job_id, index)
    part.stream.seek(0)
    with storage.open_write(path) as file:
        shutil.copyfileobj(part.stream, file, PIECE_BYTES)
    # Writing a file does not yield to other requests by itself.
    time.sleep(0)
    return {"index": index, "id": None, "url": None, "filename": shown_name(part), "upload": path}


def _digest(part: FileStorage) -> str:
    part.stream.seek(0)
    digest = hashlib.sha256()
    while piece := part.stream.read(PIECE_BYTES):
        digest.update(piece)
        time.sleep(0)
    return digest.hexdigest()
