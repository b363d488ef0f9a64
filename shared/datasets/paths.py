"""Paths that a request names: all below the import folder, whatever they say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from shared.errors import FieldError, PathNotAllowed, SourceNotFound
from shared.schemas.source import AnySource, SourceBase

# The fields of sources that name a path.
PATH_FIELDS = ("path", "images", "labels")


def inside(import_dir: Path, relative: str) -> Path:
    """Returns where a path of a request lies, links followed. It need not be there.

    Raises:
        PathNotAllowed: it is absolute, has `..` in it, or a link leads out of the import folder.
    """
    parts = relative.split("/")
    if relative.startswith("/") or ".." in parts or "\0" in relative:
        raise PathNotAllowed(
            f"Expected a path relative to LOUPE_IMPORT_DIR and without `..`, received {relative[:200]!a}."
        )
    try:
        root = Path(os.path.realpath(import_dir))
        path = Path(os.path.realpath(root / relative))
    except (OSError, UnicodeEncodeError):
        raise PathNotAllowed(f"This can be no path: {relative[:200]!a}.") from None
    if path != root and root not in path.parents:
        raise PathNotAllowed(f"{relative[:200]!a} leads out of LOUPE_IMPORT_DIR through a link.")
    return path


def found(import_dir: Path, relative: str) -> Path:
    """Returns where a path of a request lies, as `inside`.

    Raises:
        PathNotAllowed: as for `inside`.
        SourceNotFound: there is nothing.
    """
    path = inside(import_dir, relative)
    if not path.exists():
        raise SourceNotFound(f"There is nothing at {relative[:200]!a} in LOUPE_IMPORT_DIR.")
    return path


def check_paths(import_dir: Path, source: AnySource) -> None:
    """Checks every path of a source and of its test source, whether there is something or not.

    Raises:
        PathNotAllowed: naming each field that is wrong.
    """
    wrong = []
    for field, relative in _paths(source, "source"):
        try:
            inside(import_dir, relative)
        except PathNotAllowed as error:
            wrong.append(FieldError(field, error.message))
    if wrong:
        raise PathNotAllowed(wrong[0].message, tuple(wrong))


def _paths(source: SourceBase, where: str) -> Iterator[tuple[str, str]]:
    for field in PATH_FIELDS:
        if field in type(source).model_fields:
            yield f"{where}.{field}", getattr(source, field)
    if source.test is not None:
        yield from _paths(source.test, f"{where}.test")
