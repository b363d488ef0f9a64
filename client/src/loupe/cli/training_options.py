"""The options that say how to train, for `train` and `schedules create`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

GATE = ("min_gain", "max_class_drop", "min_accuracy")
OPTIONS = (
    click.option("--recipe", metavar="NAME", help="How to train; `loupe recipes` lists the ways."),
    click.option("--model", metavar="NAME", help="The model that gets a new version; by default named as the dataset."),
    click.option("-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="Differs from the recipe."),
    click.option("--balance", type=click.Choice(("none", "undersample", "oversample", "class_weight"))),
    click.option("--seed", type=click.IntRange(min=0), help="The same seed gives the same weights."),
    click.option("--promote", type=click.Choice(("if_better", "always", "never")), help="Whether it is served."),
    click.option("--min-gain", type=click.FloatRange(0, 1), help="By so much it has to be better."),
    click.option("--max-class-drop", type=click.FloatRange(0, 1), help="So much recall may a class lose."),
    click.option("--webhook", metavar="URL", help="Who is told of the end, and of promotions."),
    click.option("--min-accuracy", type=click.FloatRange(0, 1), help="It has to be right at least this often."),
)


def training_options(function: F) -> F:
    """Gives a command these options."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def training_of(dataset: str, options: dict[str, Any]) -> dict[str, Any]:
    """Returns the training that a dataset and options ask for, as the API takes it.

    Raises:
        click.UsageError: there is no recipe, or a parameter has no value.
    """
    given = {name: value for name, value in options.items() if value is not None}
    if "recipe" not in given:
        raise click.UsageError("Missing option '--recipe'; `loupe recipes` lists them.")
    gate = {name: given.pop(name) for name in GATE if name in given}
    if "webhook" in given:
        given["webhook"] = {"url": given["webhook"]}
    params = dict(map(_param, given.pop("params", ())))
    asked = {"dataset": dataset, "model": dataset.partition("@")[0], **given, "params": params}
    return {**asked, "gate": gate} if gate else asked


def _param(text: str) -> tuple[str, Any]:
    """Reads `epochs=10`: the value is JSON if it can be, else a word."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--param: expected NAME=VALUE, such as epochs=10, received {text!r}.")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
