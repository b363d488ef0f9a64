"""What every command has: a client, an output, and the options that choose between ways of writing."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

import click

from loupe.cli.output import Output, Style
from loupe.client import Client

P = ParamSpec("P")


@dataclass(frozen=True)
class App:
    """What a command works with."""

    client: Client
    output: Output


def command(function: Callable[Concatenate[App, P], int | None]) -> Callable[P, int]:
    """Gives a command its client and output, and --json and -q. It returns its exit code; none is 0."""

    @click.option("--json", "as_json", is_flag=True, help="Write a JSON document a line, as the API has it.")
    @click.option("-q", "--quiet", is_flag=True, help="Write ids alone, and no words but errors.")
    @functools.wraps(function)
    def run(*arguments: P.args, **options: P.kwargs) -> int:
        as_json, quiet = options.pop("as_json"), options.pop("quiet")
        context = click.get_current_context()
        if context.invoked_subcommand and (as_json or quiet):
            raise click.UsageError(f"Give --json and --quiet after {context.invoked_subcommand!r}.")
        if as_json and quiet:
            raise click.UsageError("--json and --quiet are two ways to write the same; give one of them.")
        style = Style.JSON if as_json else Style.IDS if quiet else Style.TEXT
        # The client tells of its retries.
        logging.getLogger("loupe").setLevel(logging.ERROR if quiet else logging.INFO)
        with Client(context.find_root().params.get("url")) as client:
            return function(App(client, Output(style)), *arguments, **options) or 0

    return run
