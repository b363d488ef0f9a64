"""`loupe batch`: a list of addresses in, a file of results out, in one job of the server however often it is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from loupe.bodies import open_file
from loupe.cli import exits
from loupe.cli.app import App, command
from loupe.cli.batch_state import State, beside, digest
from loupe.cli.job_records import end_words, record
from loupe.cli.output import Style
from loupe.cli.results import write_results
from loupe.cli.stdin import DASH, copied
from loupe.cli.watch import watch
from loupe.client import LIST_TYPES
from loupe.errors import NotFound
from loupe.types import Job

TYPES = {"csv": "text/csv", "text": "text/plain", "ndjson": "application/x-ndjson"}
GO_ON = "With the same list and -o FILE this command goes on with it; `loupe jobs results ID` has what is there."


@click.command()
@click.argument("urls", metavar="FILE|-")
@click.option("-o", "--output", "target", metavar="FILE", default=DASH, help="Where results go: .csv or .ndjson.")
@click.option("--type", "kind", type=click.Choice(list(TYPES)), help="What FILE is, if its name does not say it.")
@click.option("-m", "--model", metavar="NAME[@VERSION]", help="Who answers; by default the only served model.")
@click.option("-k", "--top-k", type=click.IntRange(min=1), help="How many classes to answer with.")
@click.option("--threshold", type=click.FloatRange(0, 1), help="Mark answers with a lower score.")
@click.option("--max-failure-rate", type=click.FloatRange(0, 1), help="Fail as a whole above this share of failures.")
@click.option("--webhook", metavar="URL", help="Who is told of the end.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0), help="Stop waiting after so many seconds.")
@command
def batch(app: App, /, urls: str, target: str, kind: str | None, timeout_s: float | None, **options: Any) -> int:
    """Classify a list of addresses.

    It is a .csv with a column url (and maybe id), a .txt with an address a line, or .ndjson; - is standard input.

    Interrupted or killed, it goes on where it was when it is run again with the same list and output: the job runs on
    at the server meanwhile. Without -o results go to standard output.
    """
    output = None if target == DASH else Path(target)
    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        raise click.UsageError(f"--output: expected a file in a folder that is there, received {target!r}.")
    given = {name: value for name, value in options.items() if value is not None}
    with list_file(urls) as content:
        job = _job_of(app, content, _content_type(urls, content, kind), output, given)
    job = _wait(app, job, timeout_s)
    _write(app, job, output)
    app.output.say(end_words(job))
    return exits.of_job(job)


def _job_of(app: App, content: Path, content_type: str, output: Path | None, options: Mapping[str, Any]) -> Job:
    """Returns the job of a list: the one that an earlier run began, or a new one."""
    path = beside(output) if output else None
    state = State.open(path, digest(app.client.settings.url, content, {**options, "type": content_type}))
    if state.job_id is not None:
        try:
            job = app.client.jobs.get(state.job_id)
        except NotFound:
            app.output.say(f"Job {state.job_id} is gone, the list is sent again.")
        else:
            app.output.say(f"Going on with job {job.id}.")
            return job
        state = State.open(None, state.asked)
        state.keep(path)
    job = app.client.classify_list(content, content_type=content_type, key=state.key, **options)
    state.of_job(job.id, path)
    app.output.say(f"Job {job.id} has {job.total} pictures.")
    return job


def _wait(app: App, job: Job, timeout_s: float | None) -> Job:
    try:
        return watch(app, job, timeout_s)
    except KeyboardInterrupt:
        app.output.say(f"Job {job.id} goes on at the server. {GO_ON} `loupe jobs cancel {job.id}` stops it.")
        raise


def _write(app: App, job: Job, output: Path | None) -> None:
    """Writes the results, and with -q, or with --json where they go to a file, the job."""
    if output is not None:
        write_results(app, job, output)
        beside(output).unlink(missing_ok=True)
    elif not app.output.quiet:
        write_results(app, job, None)
    if app.output.quiet or (app.output.style is Style.JSON and output is not None):
        app.output.one(record(job))


@contextmanager
def list_file(urls: str) -> Iterator[Path]:
    """Gives the list as a file that can be read twice; of standard input or a pipe that is a copy."""
    path = Path(urls)
    if urls != DASH and (path.is_file() or not path.exists()):
        open_file(path).close()
        yield path
        return
    with copied(urls) as copy:
        yield copy


def _content_type(urls: str, content: Path, kind: str | None) -> str:
    """Returns what a list is: as was said, by its name, or on standard input by its first line."""
    if kind is not None:
        return TYPES[kind]
    by_name = LIST_TYPES.get(Path(urls).suffix.lower())
    if by_name is not None:
        return by_name
    if urls != DASH:
        raise click.UsageError(f"Expected a .csv, .txt or .ndjson file, or --type, received {urls!r}.")
    with content.open("rb") as file:
        first = file.readline(4096).decode("utf-8-sig", "replace").strip().lower()
    if first.startswith("{"):
        return TYPES["ndjson"]
    return TYPES["text"] if "://" in first else TYPES["csv"]
