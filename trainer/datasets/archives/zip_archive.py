"""A .zip of pictures, read where it lies."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from shared.archive_names import LONGEST_NAME, path_problem
from shared.errors import ArchiveTooLarge, BadSource, LoupeError, PathNotAllowed, TooLarge, Unreadable
from shared.zip_files import DAMAGE, METHODS
from trainer.datasets.archives.member import Count, Member, check_files
from trainer.datasets.source import Content

# From the ZIP specification (APPNOTE.TXT, 4.3): each entry of the list at the end begins with this.
ENTRY = b"PK\x01\x02"
# The record at the very end, a comment of up to 64 KiB behind it; before it the same for large archives, in two parts.
END, END_BYTES = b"PK\x05\x06", 22
LOCATOR64, LOCATOR64_BEFORE, END64_BEFORE = b"PK\x06\x07", 20, 76
TAIL_BYTES = END64_BEFORE + END_BYTES + 65_535
# What each name, with its extra fields, may take in the list.
ENTRY_BYTES = 512
PIECE_BYTES = 1024 * 1024


class ZipArchive:
    """The pictures of a .zip. Several threads may read at a time.

    Args:
        max_bytes: the most bytes of one picture.
        max_files: the most files.

    Raises:
        BadSource: it is no .zip, or a damaged one.
        ArchiveTooLarge: it has too much in it.
    """

    def __init__(self, path: Path, max_bytes: int, max_files: int) -> None:
        self._max_bytes = max_bytes
        with path.open("rb") as file:
            _check_list(file, max_files)
        try:
            self._zip = zipfile.ZipFile(path)
        except DAMAGE as error:
            raise BadSource(f"The archive cannot be read as .zip: {error}.") from None
        count = Count(max_files)
        self.members: list[Member] = []
        for place, info in enumerate(self._zip.infolist()):
            count.add(0 if info.is_dir() else info.file_size)
            name = info.filename[: LONGEST_NAME + 1]
            self.members.append(Member(place, name, info.file_size, info.is_dir(), _problem(info)))

    def contents(self, wanted: Sequence[int]) -> Iterator[tuple[int, Content | None]]:
        """Yields the places of the members that are wanted; None, because each may be read by itself."""
        for place in wanted:
            yield place, None

    def read(self, place: int) -> bytes:
        """Returns a member's content.

        Raises:
            TooLarge: it has too many bytes.
            Unreadable: it is damaged, encrypted, or packed in a way that is not taken.
        """
        info = self._zip.infolist()[place]
        if info.file_size > self._max_bytes:
            raise TooLarge(f"The file has {info.file_size:,} bytes; at most {self._max_bytes:,} are taken.")
        try:
            with self._zip.open(info) as file:
                # It never gives more than the size that it claims, which is checked above.
                return file.read(self._max_bytes)
        except DAMAGE as error:
            raise Unreadable(f"This cannot be unpacked: {error}.") from None


def _problem(info: zipfile.ZipInfo) -> LoupeError | None:
    if stat.S_ISLNK(info.external_attr >> 16):
        return PathNotAllowed("Links in an archive are not followed.")
    if info.flag_bits & 0x1:
        return Unreadable("This is encrypted. Send an archive without a password.")
    if info.compress_type not in METHODS and not info.is_dir():
        return Unreadable("This is packed in a rare way. Send an archive packed with Deflate, as is usual.")
    return path_problem(info.filename)


def _check_list(file: BinaryIO, max_files: int) -> None:
    """Looks at the list of entries before Python's own reader takes all of it into memory.

    How many entries the end record claims does not count: what is there is counted.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - TAIL_BYTES))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or at + END_BYTES > len(tail):
        raise BadSource("The archive cannot be read as .zip: it has no list of its files at its end.")
    (length,) = struct.unpack_from("<I", tail, at + 12)
    if at >= END64_BEFORE and tail[at - LOCATOR64_BEFORE :].startswith(LOCATOR64):
        (length,) = struct.unpack_from("<Q", tail, at - END64_BEFORE + 40)
    if length > max_files * ENTRY_BYTES:
        raise ArchiveTooLarge(f"The archive's list of files is too long: at most {max_files:,} files are taken.")
    check_files(_entries(file), max_files)


def _entries(file: BinaryIO) -> int:
    """Returns how often the mark of an entry occurs: at least as many as there are entries."""
    file.seek(0)
    found, before = 0, b""
    while piece := file.read(PIECE_BYTES):
        joined = before + piece
        found += joined.count(ENTRY)
        before = joined[-3:]
    return found
