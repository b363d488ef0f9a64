"""`loupe datasets`: list them, import one, delete one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from loupe.cli.app import App, command
from loupe.cli.output import Record
from loupe.cli.send_folder import send_folder
from loupe.cli.stdin import DASH, copied, names
from loupe.cli.train import finish
from loupe.types import Dataset, Job

COLUMNS = ("name", "version", "train", "test", "classes")


@click.group(invoke_without_command=True)
@click.pass_context
@command
def datasets(app: App, context: click.Context) -> None:
    """List datasets."""
    if context.invoked_subcommand is None:
        app.output.show(COLUMNS, map(_dataset, app.client.datasets.all()))


@datasets.command("import")
@click.argument("name")
@click.argument("files", required=False, metavar="[FOLDER|ARCHIVE|-]")
@click.option("--server-path", metavar="PATH", help="A folder below the server's LOUPE_IMPORT_DIR instead.")
@click.option("--source", metavar="JSON", help='Any other source, as the API takes it: {"type": "urls", …}.')
@click.option("--test-fraction", type=click.FloatRange(0, 1, min_open=True, max_open=True), help="By default 0.2.")
@click.option("--seed", type=click.IntRange(min=0), help="Decides which pictures are tested on.")
@click.option("--no-wait", is_flag=True, help="Return at once; `loupe jobs watch ID` waits.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0), help="Stop waiting after so many seconds.")
@command
def import_(
    app: App,
    /,
    name: str,
    files: str | None,
    server_path: str | None,
    source: str | None,
    no_wait: bool,
    timeout_s: float | None,
    **options: Any,
) -> int:
    """Import pictures as dataset NAME.

    A FOLDER has a subfolder for each class; an ARCHIVE is a .zip or .tar.gz of one, and - reads it from standard input.

    A folder is sent in small batches. Interrupted, killed, or cut off from the server, it goes on where it was when the
    same command is run again within a day.
    """
    if sum(one is not None for one in (files, server_path, source)) != 1:
        raise click.UsageError("Expected one of FOLDER or ARCHIVE, --server-path and --source.")
    given = {option: value for option, value in options.items() if value is not None}
    if files is not None:
        job = _send(app, name, files, given)
    else:
        wanted = {"type": "directory", "path": server_path} if source is None else _source(source)
        job = app.client.datasets.import_source(name, wanted, **given)
    return finish(app, job, no_wait=no_wait, timeout_s=timeout_s)


@datasets.command()
@click.argument("datasets", nargs=-1, required=True, metavar="NAME…")
@command
def delete(app: App, datasets: tuple[str, ...]) -> None:
    """Delete datasets with all their versions. With - it reads names from standard input."""
    for name in names(datasets):
        app.client.datasets.delete(name)
        app.output.one(Record(name, {"name": name, "deleted": True}, (name, "deleted")))


def _send(app: App, name: str, files: str, options: dict[str, Any]) -> Job:
    if files != DASH and Path(files).is_dir():
        return send_folder(app, name, Path(files), options)
    if files != DASH:
        return app.client.datasets.import_files(name, files, **options)
    with copied(DASH) as archive:
        return app.client.datasets.import_files(name, archive, **options)


def _source(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise click.UsageError(f"--source: expected JSON as the API takes it; {error}.") from None
    if not isinstance(found, dict):
        raise click.UsageError("--source: expected a JSON object as the API takes it.")
    return found


def _dataset(dataset: Dataset) -> Record:
    sides = (str(dataset.train), str(dataset.test))
    return Record(dataset.name, dataset.raw, (dataset.name, dataset.version, *sides, ",".join(dataset.classes)))
