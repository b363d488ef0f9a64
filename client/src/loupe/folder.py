"""Pictures in a folder: which files they are, and in which batches they travel."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loupe.errors import FileProblem

# What Loupe decodes. It looks at the content; here the name has to do.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif", ".tif", ".tiff"})
# What computers leave in folders by themselves, beside hidden files.
CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})
# With three batches on their way, at most 1 % of a folder is lost with a connection.
MOST_BATCHES = 400
MOST_FILES = 100
MOST_BYTES = 8 * 1024**2


@dataclass(frozen=True)
class LocalFile:
    """A file to send.

    Attributes:
        name: its path in the folder, with slashes.
        changed_ns: when it was written last.
    """

    path: Path
    name: str
    size: int
    changed_ns: int


def files_in(folder: Path) -> Iterator[Path]:
    """Yields the files at any depth below a folder, by name; hidden ones and clutter are left alone.

    Links to folders elsewhere are followed. One that leads back to where the way came by would have no end, or give the
    same files twice, and is left alone.
    """
    return _files_in(folder, (folder.resolve(),))


def _files_in(folder: Path, known: tuple[Path, ...]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name in CLUTTER:
            continue
        if entry.is_symlink() and entry.is_dir():
            aim = entry.resolve()
            if not any(aim.is_relative_to(one) or one.is_relative_to(aim) for one in known):
                yield from _files_in(entry, (*known, aim))
        elif entry.is_dir():
            yield from _files_in(entry, known)
        elif entry.is_file():
            yield entry


def pictures_in(folder: Path) -> Iterator[Path]:
    """Yields the files that are pictures by their names."""
    return (file for file in files_in(folder) if file.suffix.lower() in SUFFIXES)


def listed(folder: Path) -> list[LocalFile]:
    """Returns what is to be sent of a folder: all files, so that the server can say which it refuses, and why.

    Raises:
        FileProblem: there is no file in a subfolder of it, or one cannot be looked at.
    """
    try:
        files = [_local(file, folder) for file in files_in(folder)]
    except OSError as error:
        raise FileProblem(f"{error.filename!r} cannot be read: {error.strerror}.") from None
    if not any("/" in file.name for file in files):
        raise FileProblem(f"There is no picture in a subfolder of {str(folder)!r}; each subfolder is a class.")
    return files


def planned(files: Sequence[LocalFile]) -> list[list[LocalFile]]:
    """Returns the batches in which files travel; the same files make the same batches."""
    most = min(MOST_FILES, -(-len(files) // MOST_BATCHES))
    batches: list[list[LocalFile]] = []
    room = 0
    for file in files:
        if not batches or len(batches[-1]) == most or file.size > room:
            batches.append([])
            room = MOST_BYTES
        batches[-1].append(file)
        room -= file.size
    return batches


def digest(asked: str, files: Sequence[LocalFile]) -> str:
    """Returns what tells whether the same is sent again: what was asked for, and the files as they are."""
    known = hashlib.sha256(asked.encode())
    for file in files:
        known.update(f"\n{file.name}\n{file.size}\n{file.changed_ns}".encode())
    return known.hexdigest()


def _local(file: Path, folder: Path) -> LocalFile:
    found = file.stat()
    # A name may hold bytes that are no text; the server would be sent something that is no form.
    name = file.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
    return LocalFile(file, name, found.st_size, found.st_mtime_ns)
