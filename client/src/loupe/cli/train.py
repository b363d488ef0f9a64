"""`loupe train` and `loupe recipes`."""

from __future__ import annotations

import json
from typing import Any

import click

from loupe.cli import exits
from loupe.cli.app import App, command
from loupe.cli.job_records import end_words, record
from loupe.cli.output import Record
from loupe.cli.stdin import DASH, read_bytes
from loupe.cli.training_options import training_of, training_options
from loupe.cli.watch import watch
from loupe.types import Job, Recipe


@click.command()
@click.argument("dataset", metavar="DATASET[@VERSION]|-")
@training_options
@click.option("--no-wait", is_flag=True, help="Return at once; `loupe jobs watch ID` waits.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0), help="Stop waiting after so many seconds.")
@command
def train(app: App, /, dataset: str, no_wait: bool, timeout_s: float | None, **options: Any) -> int:
    """Train a new version of a model. With - it reads the request as JSON from standard input."""
    asked = read_object() if dataset == DASH else training_of(dataset, options)
    return finish(app, app.client.trainings.start_raw(asked), no_wait=no_wait, timeout_s=timeout_s)


@click.command()
@command
def recipes(app: App) -> None:
    """List the ways to train."""
    app.output.show(("name", "help", "params"), map(_recipe, app.client.trainings.recipes()))


def finish(app: App, job: Job, *, no_wait: bool, timeout_s: float | None) -> int:
    """Waits for a job that was started, unless it shall not, and returns the exit code."""
    app.output.say(f"Job {job.id} is {job.status}.")
    if not no_wait:
        job = watch(app, job, timeout_s)
        app.output.say(end_words(job))
    app.output.one(record(job))
    # Who does not wait got what was asked for.
    return exits.OK if no_wait else exits.of_job(job)


def read_object() -> dict[str, Any]:
    """Returns the JSON object on standard input.

    Raises:
        click.UsageError: there is none.
    """
    try:
        found = json.loads(read_bytes())
    except ValueError as error:
        raise click.UsageError(f"Standard input: expected JSON as the API takes it; {error}.") from None
    if not isinstance(found, dict):
        raise click.UsageError("Standard input: expected a JSON object as the API takes it.")
    return found


def _recipe(recipe: Recipe) -> Record:
    return Record(recipe.name, recipe.raw, (recipe.name, recipe.help, ", ".join(recipe.params)))
