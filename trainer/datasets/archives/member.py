"""What an archive has inside: names and sizes, and how much of it is taken. Nothing is ever unpacked to the disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from shared.archive_names import is_clutter
from shared.errors import ArchiveTooLarge, LoupeError

# What all files of an archive may come to when unpacked.
MOST_UNPACKED_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Member:
    """One file or folder of an archive.

    Attributes:
        place: where it stands in the archive's list.
        wrong: why it is no picture; None as far as can be seen from outside.
    """

    place: int
    name: str
    size: int
    folder: bool
    wrong: LoupeError | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders it lies in, and its own name."""
        return PurePosixPath(self.name).parts

    @property
    def clutter(self) -> bool:
        """Whether a computer put it there by itself."""
        return any(is_clutter(part) for part in self.parts if part != "..")


class Count:
    """Counts what an archive holds.

    Args:
        max_files: how many files it may have.
    """

    def __init__(self, max_files: int) -> None:
        self._max_files = max_files
        self._files = 0
        self._bytes = 0

    def add(self, size: int) -> None:
        """Counts one file.

        Raises:
            ArchiveTooLarge: there are too many, or they have too many bytes.
        """
        self._files += 1
        self._bytes += max(size, 0)
        check_files(self._files, self._max_files)
        check_bytes(self._bytes)


def check_files(files: int, max_files: int) -> None:
    """Raises `ArchiveTooLarge` for too many files."""
    if files > max_files:
        raise ArchiveTooLarge(f"The archive has more than {max_files:,} files, and that is the most that are taken.")


def check_bytes(size: int) -> None:
    """Raises `ArchiveTooLarge` for too many bytes."""
    if size > MOST_UNPACKED_BYTES:
        raise ArchiveTooLarge(
            f"The archive would unpack to more than {MOST_UNPACKED_BYTES / 1024**3:g} GiB, the most that is taken. "
            "Put the pictures into LOUPE_IMPORT_DIR and import the folder."
        )


def common_folder(members: Sequence[Member]) -> int:
    """Returns how many folders all classes lie in: 1 where an archive is of a folder with class folders, else 0."""
    tops = {member.parts[0] for member in members if member.parts}
    deep = any(len(member.parts) > 2 for member in members if not member.folder)
    return 1 if len(tops) == 1 and deep else 0
