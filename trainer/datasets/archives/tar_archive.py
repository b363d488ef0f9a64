"""A .tar.gz of pictures, read as a stream twice: once for its names, once for its content."""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from shared.archive_names import LONGEST_NAME, path_problem
from shared.errors import ArchiveTooLarge, BadSource, LoupeError, PathNotAllowed, TooLarge, Unreadable
from trainer.datasets.archives.member import Count, Member, check_bytes
from trainer.datasets.source import Content

# All headers of one file, long names included. Python's reader takes them into memory whole.
MOST_HEADER_BYTES = 1024 * 1024
BLOCK = 512


class TarArchive:
    """The pictures of a .tar.gz.

    Args:
        max_bytes: the most bytes of one picture.
        max_files: the most files.

    Raises:
        BadSource: it is no .tar.gz, or a damaged one.
        ArchiveTooLarge: it has too much in it.
    """

    def __init__(self, path: Path, max_bytes: int, max_files: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        count = Count(max_files)
        self.members: list[Member] = []
        for place, (_, info) in enumerate(_infos(path)):
            count.add(info.size if info.isreg() else 0)
            self.members.append(Member(place, info.name[: LONGEST_NAME + 1], info.size, info.isdir(), _problem(info)))

    def contents(self, wanted: Sequence[int]) -> Iterator[tuple[int, Content | None]]:
        """Yields the places of the members that are wanted, with their content; None where there is too much of it."""
        places = set(wanted)
        for place, (tar, info) in enumerate(_infos(self._path)):
            if place not in places:
                continue
            file = tar.extractfile(info) if info.size <= self._max_bytes else None
            yield place, None if file is None else file.read(self._max_bytes)

    def read(self, place: int) -> bytes:
        """Says why a member's content was not taken.

        Raises:
            TooLarge: it has too many bytes.
        """
        size = self.members[place].size
        raise TooLarge(f"The file has {size:,} bytes; at most {self._max_bytes:,} are taken.")


class Metered:
    """A stream that ends with an error when more is read than was foreseen."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._total = 0
        self.allowed = MOST_HEADER_BYTES

    def read(self, count: int) -> bytes:
        """Returns up to `count` bytes."""
        data = self._stream.read(count)
        self._total += len(data)
        check_bytes(self._total)
        if self._total > self.allowed:
            raise ArchiveTooLarge(f"A file's header in the archive is longer than {MOST_HEADER_BYTES:,} bytes.")
        return data

    def allow(self, count: int) -> None:
        """Allows so many bytes from here on."""
        self.allowed = self._total + count


def _infos(path: Path) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with _translated(), gzip.open(path, "rb") as unzipped:
        metered = Metered(cast(BinaryIO, unzipped))
        with tarfile.open(
            fileobj=metered,  # type: ignore[call-overload]
            mode="r|",
            encoding="utf-8",
            errors="surrogateescape",
        ) as tar:
            while (info := tar.next()) is not None:
                # What comes before the next file's header: this one's content, in whole blocks.
                metered.allow(MOST_HEADER_BYTES + max(info.size, 0) + BLOCK)
                yield tar, info
                # It would keep every header it has met.
                tar.members = []


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    # Names that only say that another name follows are read one within the other.
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, OverflowError, RecursionError) as error:
        raise BadSource(f"The archive cannot be read as .tar.gz: {error}.") from None


def _problem(info: tarfile.TarInfo) -> LoupeError | None:
    if info.issym() or info.islnk():
        return PathNotAllowed("Links in an archive are not followed.")
    if not (info.isreg() or info.isdir()) or info.issparse():
        return Unreadable("This is no plain file.")
    return path_problem(info.name)
