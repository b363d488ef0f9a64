"""The source `filenames`: one folder of pictures whose names say their class, as in `cat.0.jpg`."""

from __future__ import annotations

import re
from functools import partial

from shared.datasets.paths import found
from shared.datasets.report import Refused
from shared.errors import BadSource, NoLabel
from shared.schemas.source import LABEL, FilenamesSource
from trainer.datasets.files import below, read_picture, real, walk
from trainer.datasets.source import Candidate, Context, Listed, Source, at_most, refused, shown, sources


@sources.register("filenames")
def filenames(asked: FilenamesSource, context: Context) -> Source:
    """Lists the files whose names fit the pattern; others are refused.

    Raises:
        PathNotAllowed, SourceNotFound: the folder is not there.
        BadSource: it is no folder.
    """
    folder = found(context.import_dir, asked.path)
    if not folder.is_dir():
        raise BadSource(f"{asked.path!r} is a file. A folder of pictures is expected.")
    root = real(context.import_dir)
    pattern = compiled(asked.pattern)
    entries = (_entry(item, pattern, asked.pattern, root, context) for item in walk(str(folder), root))
    return Listed(list(at_most(entries)))


def compiled(pattern: str) -> re.Pattern[str]:
    """Returns a pattern as a regular expression that fits whole names; its group `label` is the shortest match."""
    before, _, after = pattern.partition(LABEL)
    return re.compile(f"{_glob(before)}(?P<label>.+?){_glob(after)}", re.DOTALL)


def _glob(pattern: str) -> str:
    """Returns text with * and ? as a regular expression. Each * but the last takes its first match, for good.

    It would be no other match, and with all of them tried against each other a long name takes seconds.
    """
    first, *more = ["".join("." if sign == "?" else re.escape(sign) for sign in part) for part in pattern.split("*")]
    return first + "".join(f"(?>.*?{part})" for part in more[:-1]) + "".join(f".*{part}" for part in more[-1:])


def _entry(
    item: str | Refused, pattern: re.Pattern[str], asked: str, root: str, context: Context
) -> Candidate | Refused:
    if isinstance(item, Refused):
        return item
    file = below(root, item)
    match = pattern.fullmatch(item.rpartition("/")[2])
    if match is None:
        return refused(file, NoLabel(f"The file name does not fit the pattern {asked}."))
    return Candidate(file, shown(match["label"]), partial(read_picture, item, context.max_bytes))
