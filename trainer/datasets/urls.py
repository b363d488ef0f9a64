"""The source `urls`: a CSV file of web addresses with their classes, and maybe their sides."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from shared.datasets.report import Refused
from shared.errors import BadSource, NoLabel
from shared.fetch.urls import redact
from shared.schemas.source import UrlsSource
from trainer.datasets.lines import csv_file, rows
from trainer.datasets.source import Candidate, Context, Listed, Source, at_most, refused, shown, sources
from trainer.datasets.version import TEST, TRAIN

if TYPE_CHECKING:
    from shared.fetch.fetcher import Fetcher

SIDES = {"train": TRAIN, "test": TEST, "": None}


@sources.register("urls")
def urls(asked: UrlsSource, context: Context) -> Source:
    """Reads the list; nothing is fetched yet.

    Raises:
        PathNotAllowed, SourceNotFound: the file is not there.
        BadSource: it has no columns url and label, or a line cannot be read.
    """
    lines = rows(csv_file(asked.path, context), asked.path)
    columns = _columns(next(lines, (1, []))[1], asked.path)
    fetcher = context.fetcher()
    entries = (_entry(cells, columns, f"{asked.path}, line {line}", fetcher, context) for line, cells in lines)
    return Listed(list(at_most(entries)))


def _columns(header: Sequence[str], name: str) -> dict[str, int]:
    columns = {cell.strip().lower(): place for place, cell in enumerate(header)}
    if "url" not in columns or "label" not in columns:
        raise BadSource(f"{name}: a first line with the columns url, label and maybe split is expected.")
    return columns


def _entry(
    cells: list[str], columns: dict[str, int], where: str, fetcher: Fetcher, context: Context
) -> Candidate | Refused:
    url, label, split = (
        cells[columns[name]].strip() if name in columns and columns[name] < len(cells) else ""
        for name in ("url", "label", "split")
    )
    if split.lower() not in SIDES:
        raise BadSource(f"{where}: a split of train or test is expected, received {shown(split)[:40]!r}.")
    # The report and the dataset's index show it to everybody who may read.
    file = shown(redact(url)) or where
    if not label:
        return refused(file, NoLabel(f"{where}: a label is expected."))
    return Candidate(file, shown(label), partial(_fetched, fetcher, url, context.max_bytes), SIDES[split.lower()])


def _fetched(fetcher: Fetcher, url: str, max_bytes: int) -> bytes:
    return fetcher.get(url, max_bytes=max_bytes).data
