"""The files of a .zip one after the other, as PKWARE's APPNOTE.TXT 6.3 has them.

Python's `zipfile` makes an object for every entry before it gives the first: 80 MB for 100,000 pictures. Here an entry
is known while it is read. Only what an archive of pictures needs is understood: stored and deflated files, one volume.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from shared.errors import BadRequest

# 4.3.16: the record at the very end, behind it a comment of up to 64 KiB. Archives of 65,536 files and more have
# another one before it, and a locator of that between the two (4.3.14, 4.3.15).
END = struct.Struct("<4s4H2LH")
END_MARK = b"PK\x05\x06"
END64 = struct.Struct("<4sQ2H2L4Q")
END64_MARK = b"PK\x06\x06"
LOCATOR64 = struct.Struct("<4sLQL")
LOCATOR64_MARK = b"PK\x06\x07"
LONGEST_COMMENT = 65_535
# 4.3.12: an entry of the list at the end; its name, extra fields and comment follow.
ENTRY = struct.Struct("<4s4B4HL2L5H2L")
ENTRY_MARK = b"PK\x01\x02"
# 4.3.7: what stands before a file's content; its name and extra fields follow.
LOCAL = struct.Struct("<4s2B4HL2L2H")
LOCAL_MARK = b"PK\x03\x04"
# 4.5.3: sizes and places beyond 4 GiB. A request is never as large, but some programs write it all the same.
ZIP64_FIELD = 1
FULL = 0xFFFFFFFF

STORED, DEFLATED = 0, 8
ENCRYPTED, UTF8 = 0x1, 0x800
PIECE_BYTES = 64 * 1024
FARTHEST = 2**62


class Damaged(Exception):
    """Raised when a file of the archive cannot be unpacked; its text says why."""


@dataclass(frozen=True)
class Entry:
    """A file or folder of the archive, as its list says."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    place: int

    @property
    def encrypted(self) -> bool:
        """Whether a password is needed."""
        return bool(self.flags & ENCRYPTED)


class ZipEntries:
    """The entries of an archive, in the order of its list.

    Args:
        file: readable and seekable; it is read at many places and must not be moved meanwhile.

    Raises:
        BadRequest: it has no list of its files, or the list is broken.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._length = file.seek(0, io.SEEK_END)
        self._list, self._list_bytes, self._shift = _find_list(file, self._length)

    def __iter__(self) -> Iterator[Entry]:
        at, end = self._list, self._list + self._list_bytes
        packed = 0
        while at < end:
            fixed = _read_at(self._file, at, ENTRY.size)
            if len(fixed) < ENTRY.size or not fixed.startswith(ENTRY_MARK):
                raise BadRequest("The archive cannot be read as .zip: its list of files is broken.")
            rest_bytes = sum(struct.unpack_from("<3H", fixed, 28))
            rest = _read_at(self._file, at + ENTRY.size, rest_bytes)
            entry = self._entry(fixed, rest)
            packed += entry.packed
            if packed > self._length:
                # Files that share their bytes could make much work of a small archive.
                raise BadRequest("The archive cannot be read as .zip: its files overlap or reach beyond its end.")
            yield entry
            at += ENTRY.size + rest_bytes

    def content(self, entry: Entry) -> Iterator[bytes]:
        """Returns a file's content in pieces.

        Raises:
            Damaged: it is not what the list says.
        """
        start = _read_at(self._file, entry.place, LOCAL.size)
        if len(start) < LOCAL.size or not start.startswith(LOCAL_MARK):
            raise Damaged("there is no file where the archive's list says")
        at = entry.place + LOCAL.size + sum(struct.unpack_from("<2H", start, 26))
        crc = size = 0
        for piece in self._unpacked(at, entry):
            crc, size = zlib.crc32(piece, crc), size + len(piece)
            if size > entry.size:
                break
            if piece:
                yield piece
        if size != entry.size or crc != entry.crc:
            raise Damaged("its content is not what was packed")

    def _unpacked(self, at: int, entry: Entry) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.method == DEFLATED else None
        end = at + entry.packed
        while at < end:
            packed = _read_at(self._file, at, min(PIECE_BYTES, end - at))
            if not packed:
                return
            at += len(packed)
            if inflate is None:
                yield packed
                continue
            try:
                while packed and not inflate.eof:
                    # Never more at once than a piece, however well it was packed.
                    yield inflate.decompress(packed, PIECE_BYTES)
                    packed = inflate.unconsumed_tail
            except zlib.error as error:
                raise Damaged(str(error)) from None
            if inflate.eof and (inflate.unused_data or at < end):
                raise Damaged("there is more behind its content")
        if inflate is not None:
            yield inflate.flush()

    def _entry(self, fixed: bytes, rest: bytes) -> Entry:
        fields = ENTRY.unpack(fixed)
        flags, method, crc, packed, size = fields[5], fields[6], fields[9], fields[10], fields[11]
        name_bytes, extra_bytes, attributes, place = fields[12], fields[13], fields[17], fields[18]
        name = rest[:name_bytes].decode("utf-8" if flags & UTF8 else "cp437", "replace")
        size, packed, place = _wide(rest[name_bytes : name_bytes + extra_bytes], size, packed, place)
        return Entry(name, flags, method, crc, packed, size, attributes >> 16, place + self._shift)


def _find_list(file: IO[bytes], length: int) -> tuple[int, int, int]:
    """Returns where the list of entries begins, its bytes, and by how much all places in it are to be moved."""
    tail_at = max(0, length - END.size - LONGEST_COMMENT)
    tail = _read_at(file, tail_at, length - tail_at)
    found = tail.rfind(END_MARK)
    if found < 0 or found + END.size > len(tail):
        raise BadRequest("The archive cannot be read as .zip: it has no list of its files at its end. Is it whole?")
    size, place = END.unpack_from(tail, found)[5:7]
    ends_at = tail_at + found
    locator = _read_at(file, ends_at - LOCATOR64.size, LOCATOR64.size) if ends_at >= LOCATOR64.size else b""
    if locator.startswith(LOCATOR64_MARK):
        ends_at -= LOCATOR64.size + END64.size
        end64 = _read_at(file, max(0, ends_at), END64.size)
        if not end64.startswith(END64_MARK) or len(end64) < END64.size:
            raise BadRequest("The archive cannot be read as .zip: the record at its end is broken.")
        size, place = END64.unpack(end64)[8:10]
    # The list stands right before its record; a difference to what that says is the length of something before the zip.
    start = ends_at - size
    if start < 0:
        raise BadRequest("The archive cannot be read as .zip: its list of files is cut off.")
    return start, size, start - place


def _wide(extra: bytes, size: int, packed: int, place: int) -> tuple[int, int, int]:
    """Returns size, packed size and place, those from the extra fields that have no room in the entry."""
    values = [size, packed, place]
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == ZIP64_FIELD:
            wide = iter(struct.unpack_from(f"<{min(length, len(extra) - 4) // 8}Q", extra, 4))
            values = [next(wide, value) if value == FULL else value for value in values]
        extra = extra[4 + length :]
    return values[0], values[1], values[2]


def _read_at(file: IO[bytes], at: int, count: int) -> bytes:
    """Returns what stands at a place, nothing for one that a broken archive makes up."""
    if not 0 <= at < FARTHEST:
        return b""
    file.seek(at)
    return file.read(count)
