"""`loupe shadow`: versions that answer copies of live pictures, unseen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import click

from loupe.cli.app import App, command
from loupe.cli.models import name_and_version
from loupe.cli.output import Record, percent
from loupe.cli.stdin import names
from loupe.errors import NotFound
from loupe.types import Shadow

COLUMNS = ("version", "fraction", "beside", "compared", "agreement", "dropped", "failed", "since")
MODELS = click.argument("models", nargs=-1, required=True, metavar="MODEL…")


@click.group(invoke_without_command=True)
@click.pass_context
@command
def shadow(app: App, context: click.Context) -> None:
    """List the versions in shadow: they answer copies of live pictures, and nobody is given their answers."""
    if context.invoked_subcommand is None:
        app.output.show(COLUMNS, _all(app))


@shadow.command()
@click.argument("version", metavar="NAME@VERSION")
@click.option(
    "--fraction",
    type=click.FloatRange(0, 1),
    default=0.1,
    show_default=True,
    help="Of live pictures that it gets a copy of; 0 pauses it.",
)
@command
def start(app: App, version: str, fraction: float) -> None:
    """Put a version in shadow of the served one, in place of what is there."""
    name, number = name_and_version(version)
    app.output.show(COLUMNS, [_record(name, app.client.models.put_in_shadow(name, number, fraction))])
    app.output.say(f"`loupe shadow show {name}` says how far it agrees with what is served.")


@shadow.command()
@MODELS
@command
def show(app: App, models: tuple[str, ...]) -> None:
    """Show how far what is in shadow of MODELs agrees with what is served; --json has it for each class."""
    app.output.show(COLUMNS, (_record(name, app.client.models.shadow(name)) for name in names(models)))


@shadow.command()
@MODELS
@command
def end(app: App, models: tuple[str, ...]) -> None:
    """Have nothing in shadow of MODELs any more. With - it reads names from standard input."""
    for name in names(models):
        app.client.models.end_shadow(name)
        app.output.one(Record(name, {"name": name, "ended": True}, (name, "ended")))


def _all(app: App) -> Iterator[Record]:
    for model in app.client.models.all():
        # Of most models nothing is in shadow, and one may be deleted meanwhile.
        with suppress(NotFound):
            yield _record(model.name, app.client.models.shadow(model.name))


def _record(name: str, seen: Shadow) -> Record:
    version = f"{name}@{seen.version}"
    counts = (str(seen.compared), percent(seen.agreement), str(seen.dropped), str(seen.failed))
    cells = (version, percent(seen.fraction), f"{name}@{seen.served_version}", *counts, seen.since)
    return Record(version, {"name": name, **seen.raw}, cells)
