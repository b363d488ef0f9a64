"""`loupe schedules`: trainings that are repeated."""

from __future__ import annotations

from typing import Any

import click

from loupe.cli.app import App, command
from loupe.cli.job_records import record as job_record
from loupe.cli.output import Record
from loupe.cli.stdin import DASH, names
from loupe.cli.train import read_object
from loupe.cli.training_options import training_of, training_options
from loupe.types import Schedule

COLUMNS = ("name", "cron", "timezone", "next run", "last run", "last job")
NAMES = click.argument("schedules", nargs=-1, required=True, metavar="NAME…")


@click.group(invoke_without_command=True)
@click.pass_context
@command
def schedules(app: App, context: click.Context) -> None:
    """List schedules."""
    if context.invoked_subcommand is None:
        app.output.show(COLUMNS, map(_schedule, app.client.schedules.all()))


@schedules.command()
@click.argument("name")
@click.argument("cron")
@click.argument("dataset", metavar="DATASET|-")
@click.option("--timezone", default="UTC", show_default=True, help="Where the hours of CRON are told.")
@click.option("--skip-unchanged", is_flag=True, help="Train nothing while there is nothing new to train on.")
@training_options
@command
def create(
    app: App, /, name: str, cron: str, dataset: str, timezone: str, skip_unchanged: bool, **options: Any
) -> None:
    """Repeat a training.

    CRON is minute, hour, day of month, month, day of week, as in '0 3 * * 1'. With - for DATASET the training is read
    as JSON from standard input.
    """
    training = read_object() if dataset == DASH else training_of(dataset, options)
    made = app.client.schedules.create(name, cron, training, timezone=timezone, skip_unchanged=skip_unchanged)
    app.output.one(_schedule(made))
    app.output.say(f"Schedule {name} runs next at {made.next_run_at}.")


@schedules.command()
@NAMES
@command
def run(app: App, schedules: tuple[str, ...]) -> None:
    """Run schedules now; shows the job that each run begins with."""
    for name in names(schedules):
        app.output.one(job_record(app.client.schedules.run(name)))


@schedules.command()
@NAMES
@command
def pause(app: App, schedules: tuple[str, ...]) -> None:
    """Pause schedules. With - it reads names from standard input."""
    for name in names(schedules):
        app.output.one(_schedule(app.client.schedules.change(name, paused=True)))


@schedules.command()
@NAMES
@command
def resume(app: App, schedules: tuple[str, ...]) -> None:
    """Let paused schedules run again. With - it reads names from standard input."""
    for name in names(schedules):
        app.output.one(_schedule(app.client.schedules.change(name, paused=False)))


@schedules.command()
@NAMES
@command
def delete(app: App, schedules: tuple[str, ...]) -> None:
    """Delete schedules; what they trained stays."""
    for name in names(schedules):
        app.client.schedules.delete(name)
        app.output.one(Record(name, {"name": name, "deleted": True}, (name, "deleted")))


def _schedule(schedule: Schedule) -> Record:
    following = "paused" if schedule.paused else schedule.next_run_at or ""
    times = (following, schedule.last_run_at or "", schedule.last_job or "")
    return Record(schedule.name, schedule.raw, (schedule.name, schedule.cron, schedule.timezone, *times))
