"""Files that are being written: each beside its place, under a name of its own, until it is whole."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO


def part_in(folder: Path) -> Path:
    """Returns a name that no other write has, hidden from listings."""
    return Path(folder, f".{uuid.uuid4().hex}.part")


def created(part: Path) -> BinaryIO:
    """Opens a new file. Its folder is looked at only where it is missing: most are there."""
    try:
        return part.open("wb")
    except FileNotFoundError:
        part.parent.mkdir(parents=True, exist_ok=True)
        return part.open("wb")


def remove_parts(folder: Path, older_than_s: float) -> None:
    """Removes what killed processes left half written in a folder and those below it.

    Args:
        older_than_s: since the last write to it.

    Raises:
        OSError: a folder cannot be read.
    """
    before, folders = time.time() - older_than_s, [folder]
    while folders:
        # Looked at one by one: there may be millions of files, of which no list is to be held.
        with suppress(FileNotFoundError), os.scandir(folders.pop()) as found:
            for entry in found:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.name.startswith(".") and entry.name.endswith(".part"):
                    with suppress(FileNotFoundError):
                        if entry.stat(follow_symlinks=False).st_mtime < before:
                            Path(entry.path).unlink()
