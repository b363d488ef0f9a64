"""`loupe classify`: pictures in, an answer a line out, in the order they were given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from loupe.cli import exits
from loupe.cli.app import App, command
from loupe.cli.output import Record, percent
from loupe.cli.stdin import DASH, read_bytes, read_lines
from loupe.errors import ItemFailed
from loupe.folder import pictures_in
from loupe.parallel import in_order
from loupe.pictures import Picture, file_part, is_address
from loupe.types import Item, Job


@dataclass(frozen=True)
class Asked:
    """A picture and what it is called here."""

    name: str
    picture: Picture


@click.command()
@click.argument("pictures", nargs=-1, metavar="FILE|FOLDER|URL…")
@click.option("--files-from", metavar="FILE", help="Read names and addresses from a file, one a line; - is stdin.")
@click.option("-m", "--model", metavar="NAME[@VERSION]", help="Who answers; by default the only served model.")
@click.option("-k", "--top-k", type=click.IntRange(min=1), help="How many classes to answer with.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Mark answers with a lower score.")
@click.option("--parallel", type=click.IntRange(1, 32), default=4, show_default=True, help="Pictures asked at once.")
@command
def classify(app: App, /, pictures: tuple[str, ...], files_from: str | None, parallel: int, **options: Any) -> int:
    """Say what is in pictures.

    A FILE that is - is one picture on standard input. A FOLDER is all pictures in it. On a terminal or not, each
    picture has one line, in the order they were given: name, label, score.
    """
    asked = list(_asked(pictures, files_from))
    if not asked:
        raise click.UsageError("Expected at least one FILE, FOLDER or URL.")
    codes: list[int] = []

    def answer(one: Asked) -> Job:
        return app.client.classify_job(one.picture, **options)

    for index, (one, job) in enumerate(zip(asked, in_order(answer, asked, parallel), strict=True)):
        item = _item(job, index)
        app.output.one(_record(one.name, job, item))
        if item.error is not None:
            app.output.say(f"{one.name}: {item.error.message.rstrip('.')} ({item.error.code}).")
        codes.append(exits.OK if item.succeeded else exits.FAILED)
    return exits.of_all(codes)


def _asked(pictures: tuple[str, ...], files_from: str | None) -> Iterator[Asked]:
    """Yields what is to be classified; nothing is sent before all of it is known to be there."""
    listed = read_lines(files_from) if files_from else []
    for name in (*pictures, *listed):
        if name == DASH:
            yield Asked(name, read_bytes())
        elif is_address(name):
            yield Asked(name, name)
        elif Path(name).is_dir():
            yield from (Asked(str(file), file) for file in pictures_in(Path(name)))
        else:
            file_part(name)
            yield Asked(name, Path(name))


def _item(job: Job, index: int) -> Item:
    """Returns the outcome of a picture, numbered by its place among those that were given."""
    if job.result is None:
        raise ItemFailed("canceled", f"Job {job.id} was canceled.")
    item: dict[str, Any] = {**job.result, "index": index}
    return Item.read(item)


def _record(name: str, job: Job, item: Item) -> Record:
    return Record(job.id, item.raw, (name, item.label or "", percent(item.score)))
