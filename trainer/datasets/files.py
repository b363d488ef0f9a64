"""Files below the import folder: found without following links out of it, read up to the size of a picture."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from shared.archive_names import is_clutter
from shared.datasets.report import Refused
from shared.errors import PathNotAllowed, TooLarge, Unreadable
from trainer.datasets.source import refused, shown


def real(import_dir: Path) -> str:
    """Returns the import folder with its links followed."""
    return os.path.realpath(import_dir)


def below(root: str, path: str) -> str:
    """Returns what a file below the import folder is called in a report."""
    return shown(path.removeprefix(root).lstrip("/"))


def walk(folder: str, root: str) -> Iterator[str | Refused]:
    """Yields the paths of the files below a folder at any depth, in the order of their names; clutter is left out.

    Args:
        root: the import folder, from `real`. Links to files in it are files; other links are refused, and so are
            folders that cannot be read.
    """
    # Folders within folders may go deeper than calls within calls.
    open_folders = [_inside(folder, root)]
    while open_folders:
        found = next(open_folders[-1], None)
        if found is None:
            open_folders.pop()
        elif isinstance(found, os.DirEntry):
            open_folders.append(_inside(found.path, root))
        else:
            yield found


def _inside(folder: str, root: str) -> Iterator[str | Refused | os.DirEntry[str]]:
    """Yields what is in a folder: paths of files, folders, and what is refused."""
    try:
        found = entries(folder)
    except OSError as error:
        # One folder that nobody may read does not keep the others out.
        yield refused(below(root, folder), Unreadable(f"The folder cannot be read: {error.strerror or error}."))
        return
    for entry in found:
        try:
            if entry.is_symlink() and (wrong := _wrong_link(entry.path, root)):
                yield refused(below(root, entry.path), PathNotAllowed(wrong))
            else:
                yield entry if entry.is_dir() else entry.path
        except OSError as error:
            # A link to itself, or into a folder that nobody may look into.
            yield refused(below(root, entry.path), Unreadable(f"This cannot be looked at: {error.strerror or error}."))


def entries(folder: str) -> list[os.DirEntry[str]]:
    """Returns what is in a folder, by name, clutter left out."""
    with os.scandir(folder) as found:
        return sorted((entry for entry in found if not is_clutter(entry.name)), key=lambda entry: entry.name)


def read_picture(path: str, max_bytes: int) -> bytes:
    """Returns a file's content.

    Raises:
        TooLarge: it has more than `max_bytes`.
        Unreadable: it is no plain file: reading a pipe or a device would never end.
        OSError: it cannot be read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("This is a pipe, a socket or a device. A plain file is expected.")
        if status.st_size > max_bytes:
            raise TooLarge(f"The file has {status.st_size:,} bytes; at most {max_bytes:,} are taken.")
        data = os.read(descriptor, status.st_size)
        # A local file comes in one go; some network file systems give less at a time.
        while len(data) < status.st_size and (more := os.read(descriptor, status.st_size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


def _wrong_link(path: str, root: str) -> str | None:
    target = os.path.realpath(path)
    if not target.startswith(root.rstrip("/") + "/"):
        return "The link leads out of LOUPE_IMPORT_DIR."
    return "Links to folders are not followed." if Path(target).is_dir() else None
