"""Folders of pictures on their way: what has arrived, in storage alone, so that a killed server forgets nothing.

An upload is a number of batches, each stored whole or not at all under `uploads/{id}/`: a .zip named by the batch's
number, how many files it has and their bytes, so that a listing tells how far the upload is.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.datasets.report import Refused
from shared.errors import UploadNotFound
from shared.ids import created_ms
from shared.registry.record import Record
from shared.storage import Storage

ROOT = "uploads"
RECORD = "upload.json"
# What is not finished by then is removed.
LIFE_S = 24 * 3600
BATCH = re.compile(r"(?P<number>[0-9]{6})-(?P<files>[0-9]{1,6})-(?P<bytes>[0-9]{1,12})\.zip")


class Upload(Record):
    """What was asked for when it began.

    Attributes:
        id: a UUIDv7, and the id of the import that it becomes.
        batches: how many there will be.
        options: `name`, `test_fraction` and `seed` of the dataset.
        owner: the name of the key that began it; None without keys.
    """

    id: str
    batches: int
    options: dict[str, Any]
    owner: str | None = None

    @property
    def expires_at(self) -> float:
        """When it is removed if it was not finished, in seconds since 1970."""
        return (created_ms(self.id) or 0) / 1000 + LIFE_S


@dataclass(frozen=True)
class Batch:
    """A batch that has arrived: how many files and bytes it has, and the name of its file."""

    files: int
    bytes: int
    name: str


class Uploads:
    """All uploads of a storage."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def ids(self) -> list[str]:
        """Returns the ids of all, finished or not, oldest first."""
        return [name for name in self._storage.names(ROOT) if created_ms(name) is not None]

    def begin(self, upload: Upload) -> None:
        """Writes down what was asked for."""
        self._storage.write_bytes(f"{folder(upload.id)}/{RECORD}", upload.model_dump_json().encode())

    def get(self, upload_id: str) -> Upload:
        """Returns an upload.

        Raises:
            UploadNotFound: there is none of that id, or its time is over.
        """
        try:
            found = Upload.model_validate_json(self._storage.read_bytes(f"{folder(upload_id)}/{RECORD}"))
        except (FileNotFoundError, ValidationError):
            raise UploadNotFound(f"There is no upload {upload_id[:60]!r}, or its time is over.") from None
        if found.expires_at < time.time():
            raise UploadNotFound(f"The upload {upload_id} was not finished within {LIFE_S // 3600} hours.")
        return found

    def arrived(self, upload_id: str) -> Mapping[int, Batch]:
        """Returns the batches that are there, by their numbers."""
        found = filter(None, map(BATCH.fullmatch, self._storage.names(folder(upload_id))))
        return {int(one["number"]): Batch(int(one["files"]), int(one["bytes"]), one.string) for one in found}

    def refused(self, upload_id: str) -> list[Refused]:
        """Returns the files that were left behind as they came, with reasons."""
        names = [name for name in self._storage.names(folder(upload_id)) if name.endswith(".ndjson")]
        lines = (self._storage.read_bytes(f"{folder(upload_id)}/{name}").splitlines() for name in names)
        return [Refused.model_validate_json(line) for one in lines for line in one]

    def delete(self, upload_id: str) -> None:
        """Forgets an upload with all that has arrived."""
        self._storage.delete(folder(upload_id))


def folder(upload_id: str) -> str:
    """Returns where an upload lies.

    Raises:
        UploadNotFound: no upload can have that id, so no path is made of it.
    """
    if created_ms(upload_id) is None:
        raise UploadNotFound(f"No upload can have the id {upload_id[:60]!r}.")
    return f"{ROOT}/{upload_id}"


def batch_name(number: int, files: int, size: int) -> str:
    """Returns the name of a batch's file."""
    return f"{number:06d}-{files}-{size}.zip"


def refused_name(number: int) -> str:
    """Returns the name of the file that lists what was left behind of a batch."""
    return f"{number:06d}.ndjson"
