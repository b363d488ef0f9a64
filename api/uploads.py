"""Uploaded files: which parts of a form they are, what they are called and known by."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence

from werkzeug.datastructures import FileStorage, MultiDict

from shared.errors import FieldError, InvalidRequest
from shared.jobs.model import Json

FIELD = "file"
PIECE_BYTES = 256 * 1024
LONGEST_NAME = 255
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_START = b"\x1f\x8b"


def uploaded_files(files: MultiDict[str, FileStorage]) -> list[FileStorage]:
    """Returns a form's `file` parts, in their order.

    Raises:
        InvalidRequest: another part holds a file, or there is none.
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
    return pictures


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


def _digest(part: FileStorage) -> str:
    part.stream.seek(0)
    digest = hashlib.sha256()
    while piece := part.stream.read(PIECE_BYTES):
        digest.update(piece)
        time.sleep(0)
    return digest.hexdigest()
