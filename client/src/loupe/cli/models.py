"""`loupe models` and `loupe promote`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from loupe.cli.app import App, command
from loupe.cli.output import Record, percent
from loupe.cli.stdin import names
from loupe.types import Model, Version

COLUMNS = ("name", "served", "versions", "labels")
VERSION_COLUMNS = ("version", "state", "accuracy", "dataset", "recipe")


@click.command()
@click.argument("models", nargs=-1, metavar="[NAME…]")
@command
def models(app: App, models: tuple[str, ...]) -> None:
    """List models, or the versions of those that are named. With - it reads names from standard input."""
    if not models:
        app.output.show(COLUMNS, map(_model, app.client.models.all()))
    for name in names(models):
        app.output.show(VERSION_COLUMNS, _versions(app, app.client.models.get(name)))


@click.command()
@click.argument("versions", nargs=-1, required=True, metavar="NAME@VERSION…")
@command
def promote(app: App, versions: tuple[str, ...]) -> None:
    """Have versions answer from now on. With - it reads them from standard input."""
    # `promote pets 2` is what the API's words suggest.
    given = [f"{versions[0]}@{versions[1]}"] if len(versions) == 2 and versions[1].isdecimal() else names(versions)
    for name, version in [name_and_version(one) for one in given]:
        model = app.client.models.promote(name, version)
        app.output.one(_model(model))
        before = "" if model.previous_version is None else f"; before it was version {model.previous_version}"
        app.output.say(f"{name}@{version} answers from now on{before}.")


def name_and_version(given: str) -> tuple[str, int]:
    """Reads NAME@VERSION."""
    found = re.fullmatch(r"(.+)@([0-9]{1,9})", given)
    if found is None:
        raise click.UsageError(f"Expected NAME@VERSION, such as pets@2, received {given!r}.")
    return found[1], int(found[2])


def _versions(app: App, model: Model) -> Iterator[Record]:
    return (_version(app.client.models.version(model.name, version)) for version in model.versions)


def _model(model: Model) -> Record:
    served = "" if model.served_version is None else str(model.served_version)
    versions = ",".join(map(str, model.versions))
    return Record(model.name, model.raw, (model.name, served, versions, ",".join(model.labels)))


def _version(version: Version) -> Record:
    name = f"{version.name}@{version.version}"
    accuracy = (version.metrics.get("test") or {}).get("accuracy")
    shown = percent(accuracy) if isinstance(accuracy, float) else ""
    dataset = version.raw.get("dataset") or {}
    known = f"{dataset.get('name')}@{dataset.get('version')}" if isinstance(dataset, dict) else str(dataset)
    return Record(name, version.raw, (name, version.state, shown, known, str(version.raw.get("recipe") or "")))
