"""What the names of files say that somebody else packed or stored: what a computer left there, what leads out."""

from __future__ import annotations

from pathlib import PurePosixPath

from shared.errors import LoupeError, PathNotAllowed

# What computers leave in folders of pictures by themselves. Names that begin with a dot are left alone too.
CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})


def is_clutter(name: str) -> bool:
    """Says whether a file or folder was put there by a computer and not by a person."""
    return name.startswith(".") or name in CLUTTER


def path_problem(name: str) -> LoupeError | None:
    """Returns what is wrong with a name that would lead out of the folder an archive is unpacked to."""
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        return PathNotAllowed("The name leads out of the archive.")
    return None
