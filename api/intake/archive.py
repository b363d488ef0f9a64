"""A .zip of pictures: each of its files becomes an item, unpacked into storage one by one."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator
from pathlib import PurePosixPath

from werkzeug.datastructures import FileStorage

from api.intake.chunk_writer import ChunkWriter
from api.intake.findings import Findings
from api.intake.rows import YIELD_EVERY, too_many
from api.intake.zip_entries import DEFLATED, STORED, Damaged, Entry, ZipEntries
from api.uploads import LONGEST_NAME, ZIP_STARTS, describe
from shared.archive_names import is_clutter, path_problem
from shared.errors import BodyTooLarge, FieldError, InvalidRequest
from shared.jobs.files import upload_path
from shared.jobs.model import Json, NewUnit
from shared.storage import Storage

# What all files of an archive may come to when unpacked.
MOST_UNPACKED_BYTES = 2 * 1024**3
MOST_CHARACTERS_SHOWN = 80
# How many entries are looked at: for each picture that is taken three, because macOS adds a file to each, and some
# folders. A list of millions of folders and no picture would take minutes.
BESIDES, FOLDERS = 3, 1000


class Archive:
    """The pictures of an uploaded .zip: a list, even of one. Folders and what computers leave in them are skipped.

    Args:
        max_items: how many files are taken.
        max_bytes: of one picture; of a larger one only so much is kept that the worker sees that it is too large.
        count_on: whether what comes beyond the limit is counted, for a dry run, instead of refused.

    Raises:
        BadRequest: it is no .zip, or a broken one.
    """

    single = False
    stores = True
    repeats = 0

    def __init__(self, part: FileStorage, *, max_items: int, max_bytes: int, count_on: bool = False) -> None:
        self._part = part
        self._max_items = max_items
        self._max_bytes = max_bytes
        self._count_on = count_on
        self._zip = ZipEntries(part.stream)
        self.total = 0

    @property
    def distinct(self) -> int:
        """All of them: pictures are not compared."""
        return self.total

    def findings(self, *, thorough: bool) -> Findings:
        """Counts the pictures, and returns what is wrong with them as far as the archive's list tells.

        Args:
            thorough: whether each is unpacked to see that it is whole; otherwise that is seen when it is stored.

        Raises:
            BadRequest: the list is broken.
            TooManyItems, BodyTooLarge: there is too much in it.
            InvalidRequest: there is no file in it.
        """
        found = Findings()
        self.total = unpacked = 0
        for entry in self._entries():
            self.total += 1
            if self.total > self._max_items:
                if not self._count_on:
                    raise too_many(self._max_items)
                continue
            unpacked += entry.size
            if unpacked > MOST_UNPACKED_BYTES:
                raise BodyTooLarge(
                    f"The archive would unpack to more than {MOST_UNPACKED_BYTES / 1024**3:g} GiB. Send several."
                )
            wrong = _problem(entry) or (self._damage(entry) if thorough else None)
            if wrong:
                found.add([FieldError(_shown(entry.name), wrong)])
        if not self.total:
            raise InvalidRequest("The archive is empty.", (FieldError("file", "At least one picture is expected."),))
        return found

    def content(self) -> Json:
        """File name and SHA-256 of the archive."""
        return {"parts": describe([self._part])}

    def store(self, storage: Storage, job_id: str) -> list[NewUnit]:
        """Unpacks the pictures into storage.

        Raises:
            InvalidRequest: one is damaged.
        """
        writer = ChunkWriter(storage, job_id, self.total)
        for index, entry in enumerate(self._entries()):
            path = upload_path(job_id, index)
            try:
                with storage.open_write(path) as file:
                    for piece in self._kept(entry):
                        file.write(piece)
            except Damaged as error:
                wrong = FieldError(_shown(entry.name), f"This cannot be unpacked: {error}.")
                raise InvalidRequest("The archive is damaged.", (wrong,)) from None
            item = {"index": index, "id": None, "url": None, "filename": entry.name[-LONGEST_NAME:], "upload": path}
            writer.add_item(item)
            # Unpacking and writing do not yield to other requests by themselves.
            time.sleep(0)
        return writer.units()

    def _entries(self) -> Iterator[Entry]:
        """Yields the files that somebody put there.

        Raises:
            TooManyItems: there is too much else.
        """
        for number, entry in enumerate(self._zip):
            if number % YIELD_EVERY == 0:
                time.sleep(0)
            if number >= FOLDERS + BESIDES * self._max_items:
                raise too_many(self._max_items)
            parts = PurePosixPath(entry.name).parts
            if parts and not entry.name.endswith("/") and not any(is_clutter(part) for part in parts if part != ".."):
                yield entry

    def _kept(self, entry: Entry) -> Iterator[bytes]:
        """Yields a file's content to its end, or to where it is too large."""
        left = self._max_bytes + 1
        for piece in self._zip.content(entry):
            if left > self._max_bytes and piece.startswith(ZIP_STARTS):
                raise Damaged("it is an archive itself; send the pictures in it")
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    def _damage(self, entry: Entry) -> str | None:
        try:
            for _ in self._kept(entry):
                time.sleep(0)
        except Damaged as error:
            return f"This cannot be unpacked: {error}."
        return None


def _problem(entry: Entry) -> str | None:
    """Returns why a file is not taken, as far as the list tells."""
    if outside := path_problem(entry.name):
        return outside.message
    if stat.S_ISLNK(entry.mode):
        return "This is a link; links in an archive are not followed."
    if entry.encrypted:
        return "This is encrypted. Send an archive without a password."
    if entry.method not in (STORED, DEFLATED):
        return "This is packed in a rare way. Send an archive packed with Deflate, as is usual."
    return None


def _shown(name: str) -> str:
    return name if len(name) <= MOST_CHARACTERS_SHOWN else f"…{name[-MOST_CHARACTERS_SHOWN:]}"
