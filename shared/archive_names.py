"""What the names of files say that somebody else packed or stored: what a computer left there, what leads out."""

from __future__ import annotations

from pathlib import PurePosixPath

from shared.errors import LoupeError, PathNotAllowed

# What computers leave in folders of pictures by themselves. Names that begin with a dot are left alone too.
CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})

# A name with its folders. Nobody's pictures have longer ones, and a small archive may have gigabytes of them.
LONGEST_NAME = 1024


def is_clutter(name: str) -> bool:
    """Says whether a file or folder was put there by a computer and not by a person."""
    return name.startswith(".") or name in CLUTTER


def path_problem(name: str) -> LoupeError | None:
    """Returns what is wrong with a name: that it leads out of the folder an archive is unpacked to, or has no end."""
    if len(name) > LONGEST_NAME:
        return PathNotAllowed(f"The name has more than {LONGEST_NAME:,} characters.")
    if name.startswith("/") or ".." in PurePosixPath(name).parts:
        return PathNotAllowed("The name leads out of the archive.")
    return None
