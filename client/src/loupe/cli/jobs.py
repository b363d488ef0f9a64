"""`loupe jobs`: look at jobs, watch them, stop them, try again what failed."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import click

from loupe.cli import exits
from loupe.cli.app import App, command
from loupe.cli.job_records import COLUMNS, end_words, record
from loupe.cli.results import write_results
from loupe.cli.stdin import names
from loupe.cli.watch import watch as watch_job

KINDS = ("classification", "training", "import")
STATUSES = ("queued", "running", "canceling", "succeeded", "failed", "canceled")


@click.group(invoke_without_command=True)
@click.option("--kind", type=click.Choice(KINDS), help="Only jobs of this kind.")
@click.option("--status", type=click.Choice(STATUSES), help="Only jobs that are so.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.pass_context
@command
def jobs(app: App, context: click.Context, kind: str | None, status: str | None, limit: int) -> None:
    """List jobs, newest first."""
    if context.invoked_subcommand is None:
        found = app.client.jobs.all(kind=kind, status=status)
        app.output.show(COLUMNS, map(record, islice(found, limit)))


@jobs.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0), help="Stop waiting after so many seconds.")
@command
def watch(app: App, ids: tuple[str, ...], timeout_s: float | None) -> int:
    """Wait for jobs to end. With - it reads their ids from standard input."""
    codes: list[int] = []
    for job_id in names(ids):
        job = watch_job(app, app.client.jobs.get(job_id), timeout_s)
        app.output.one(record(job))
        app.output.say(end_words(job))
        codes.append(exits.of_job(job))
    return exits.of_all(codes)


@jobs.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--keep", is_flag=True, help="Publish a training's best weights so far.")
@command
def cancel(app: App, ids: tuple[str, ...], keep: bool) -> None:
    """Ask jobs to stop. With - it reads their ids from standard input."""
    for job_id in names(ids):
        app.output.one(record(app.client.jobs.cancel(job_id, keep=keep)))


@jobs.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@command
def retry(app: App, ids: tuple[str, ...]) -> None:
    """Try the failed pictures of jobs again, in new jobs. With - it reads ids from standard input."""
    for job_id in names(ids):
        app.output.one(record(app.client.jobs.retry(job_id)))


@jobs.command()
@click.argument("job_id", metavar="ID")
@click.option("-o", "--output", "target", metavar="FILE", help="Where results go: .csv or .ndjson.")
@command
def results(app: App, job_id: str, target: str | None) -> int:
    """Write the results of a classification, those that are there. With - the ID is read from standard input."""
    given = names([job_id])
    if len(given) != 1:
        raise click.UsageError(f"Expected one ID, received {len(given)}: each job's results are a file of their own.")
    job = app.client.jobs.get(given[0])
    write_results(app, job, Path(target) if target else None)
    return exits.of_job(job)
