"""The source `directory`: each direct subfolder a class, pictures at any depth below."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from shared.datasets.paths import found
from shared.datasets.report import Refused
from shared.errors import BadSource, NoLabel
from shared.schemas.source import DirectorySource
from trainer.datasets.files import below, entries, read_picture, real, walk
from trainer.datasets.source import Candidate, Context, Listed, Source, at_most, refused, shown, sources


@sources.register("directory")
def directory(asked: DirectorySource, context: Context) -> Source:
    """Lists the class folders and their files.

    Raises:
        PathNotAllowed, SourceNotFound: the folder is not there.
        BadSource: it is no folder, or has no folders in it.
    """
    folder = found(context.import_dir, asked.path)
    if not folder.is_dir():
        raise BadSource(f"{asked.path!r} is a file. A folder with a folder for each class is expected.")
    classes: list[str] = []
    pictures = list(at_most(_pictures(str(folder), classes, context)))
    if not classes:
        raise BadSource(f"{asked.path!r} has no folders in it. A folder for each class is expected.")
    return Listed(pictures, tuple(classes))


def _pictures(folder: str, classes: list[str], context: Context) -> Iterator[Candidate | Refused]:
    """Yields what is in the folder, and adds the classes that are met on the way."""
    root = real(context.import_dir)
    for entry in entries(folder):
        if entry.is_dir(follow_symlinks=False):
            classes.append(shown(entry.name))
            yield from (_entry(item, classes[-1], root, context) for item in walk(entry.path, root))
        else:
            what = "This lies in no class folder. Move it into one, or remove it."
            yield refused(below(root, entry.path), NoLabel(what))


def _entry(item: str | Refused, label: str, root: str, context: Context) -> Candidate | Refused:
    if isinstance(item, Refused):
        return item
    return Candidate(below(root, item), label, partial(read_picture, item, context.max_bytes))
