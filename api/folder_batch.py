"""A batch of an uploaded folder: which of its files are taken, and how they are stored."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import IO

from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import FileStorage

from shared.archive_names import LONGEST_NAME, path_problem
from shared.datasets.report import Refused
from shared.errors import FieldError, InvalidRequest, LoupeError, PathNotAllowed, TooLarge
from shared.schemas.upload import SkippedFile
from shared.storage import Storage
from shared.uploads import Batch, batch_name, refused_name

PIECE_BYTES = 256 * 1024
SKIPPED = TypeAdapter(list[SkippedFile])


@dataclass(frozen=True)
class Sent:
    """A file of a batch: its path in the folder, and how many bytes it has."""

    part: FileStorage
    path: str
    size: int


@dataclass(frozen=True)
class SortedOut:
    """The files of a batch that are taken, and those that are left behind, with reasons."""

    taken: Sequence[Sent]
    refused: Sequence[Refused]

    def batch(self, number: int) -> Batch:
        """Returns what is said of it once it is there."""
        size = sum(sent.size for sent in self.taken)
        return Batch(len(self.taken), size, batch_name(number, len(self.taken), size))


def sort_out(parts: Sequence[FileStorage], skipped: str, most: int) -> SortedOut:
    """Looks at the files that came, from outside: what is in them is looked at by the import.

    Args:
        skipped: a JSON list of `{"file", "bytes"}`: files that the sender found too large to send.
        most: the most bytes of a file.

    Raises:
        InvalidRequest: `skipped` is no such list.
    """
    refused = _skipped(skipped, most)
    taken: dict[str, Sent] = {}
    for sent in map(_sent, parts):
        wrong = _problem(sent, most, taken)
        if wrong:
            refused.append(Refused(file=sent.path[:LONGEST_NAME], code=wrong.code, message=wrong.message))
        else:
            taken[sent.path] = sent
        time.sleep(0)
    return SortedOut(list(taken.values()), refused)


def store(storage: Storage, folder: str, number: int, files: SortedOut) -> None:
    """Writes a batch, what is refused first: the batch is there when its .zip is.

    Raises:
        StorageUnavailable: the storage does not answer, or is full.
    """
    if files.refused:
        lines = b"".join(one.model_dump_json().encode() + b"\n" for one in files.refused)
        storage.write_bytes(f"{folder}/{refused_name(number)}", lines)
    path = f"{folder}/{files.batch(number).name}"
    # Pictures do not get smaller, so they are stored as they are.
    with storage.open_write(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for sent in files.taken:
            with archive.open(zipfile.ZipInfo(sent.path), "w") as target:
                _copy(sent.part.stream, target)


def _sent(part: FileStorage) -> Sent:
    part.stream.seek(0, 2)
    size = part.stream.tell()
    part.stream.seek(0)
    name = (part.filename or "").replace("\\", "/").encode("utf-8", "replace").decode()
    return Sent(part, name, size)


def _problem(sent: Sent, most: int, taken: Collection[str]) -> LoupeError | None:
    """Returns why a file is left behind; what is in it is looked at by the import."""
    if sent.size > most:
        return TooLarge(f"The file has {sent.size:,} bytes; at most {most:,} are taken.")
    named = sent.path and not sent.path.endswith("/") and sent.path.isprintable()
    if not named or len(sent.path) > LONGEST_NAME:
        return PathNotAllowed(f"A path of 1 to {LONGEST_NAME} printable characters is expected.")
    if sent.path in taken:
        return PathNotAllowed("Another file of the same batch has this path.")
    return path_problem(sent.path)


def _skipped(text: str, most: int) -> list[Refused]:
    try:
        listed = SKIPPED.validate_json(text or "[]")
    except ValidationError:
        message = 'Expected a JSON list as in [{"file": "cat/1.jpg", "bytes": 30000000}].'
        raise InvalidRequest(message, (FieldError("skipped", message),)) from None
    words = "The file has {:,} bytes; at most {:,} are taken."
    return [
        Refused(file=one.file[:LONGEST_NAME], code=TooLarge.code, message=words.format(one.bytes, most))
        for one in listed
    ]


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    while piece := source.read(PIECE_BYTES):
        target.write(piece)
        time.sleep(0)
