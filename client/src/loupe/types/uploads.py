"""Folders on their way to the server."""

from __future__ import annotations

from dataclasses import dataclass

from loupe.types.base import Answer


@dataclass(frozen=True)
class Upload(Answer):
    """What has arrived of a folder.

    Attributes:
        batches: how many there will be.
        missing: the numbers of those that have not arrived, from 0 on; the first 1,000 of them.
        missing_count: how many have not.
        files, bytes: what has arrived.
        max_file_bytes: larger files are refused, so they are not sent.
        job: the import's, once the upload was finished.
    """

    id: str
    batches: int
    missing: tuple[int, ...]
    missing_count: int
    files: int
    bytes: int
    max_file_bytes: int
    job: str | None


@dataclass(frozen=True)
class Sent:
    """How far sending a folder is.

    Attributes:
        files: how many the server has, those too large to be sent included.
        total: how many there are.
        bytes: of the files that it has.
        too_large: files that were not sent; the import's report names them.
    """

    files: int
    total: int
    bytes: int
    too_large: int = 0
