"""Writes the reference pages that are made from the code, so that they cannot drift from it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from api.app import create_app
from api.docs import Endpoint, describe, everywhere, told_by
from api.openapi import make_document
from api.pages.words import NEXT, next_step
from loupe.cli.entry import loupe as command
from shared.errors import LoupeError
from shared.recipes import Param, recipe, recipe_names
from shared.settings import Settings

MADE = "<!-- Made from the code by docs/make_reference.py. -->"


def write_reference(folder: Path) -> None:
    """Writes all pages into a folder; one that is as it was is left alone, so that it is not built again."""
    folder.mkdir(exist_ok=True)
    pages = {"errors": error_page(), "api": api_page(), "cli": cli_page(), "recipes": recipe_page()}
    for name, lines in pages.items():
        path, text = folder / f"{name}.md", "\n".join([MADE, "", *lines]) + "\n"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def error_kinds() -> dict[str, list[type[LoupeError]]]:
    """Returns the errors with each code. A code may stand for a picture's error and a request's."""
    found: dict[str, list[type[LoupeError]]] = {code: [] for code in NEXT}
    stack: list[type[LoupeError]] = [LoupeError]
    while stack:
        kind = stack.pop(0)
        stack += kind.__subclasses__()
        # A root of others has its parent's code, and is not raised itself.
        if "code" in vars(kind):
            found.setdefault(kind.code, []).append(kind)
    return found


def error_page() -> Iterator[str]:
    """Yields a section for each code."""
    yield "# Error codes"
    yield ""
    yield (
        "Every error has a stable `code`, in a problem document (RFC 9457) as the answer to a request, or as the "
        "`error` of a job or of one picture of a list. The message beside it says what was expected and what came."
    )
    for code, kinds in sorted(error_kinds().items()):
        yield from ("", f"## {code}", "")
        for kind in kinds:
            doc = " ".join((kind.__doc__ or "").split())
            yield from (f"**{kind.title}.** {doc} {_where(kind)}", "")
        yield f"*What to do:* {next_step(code)}"


def _where(kind: type[LoupeError]) -> str:
    where = {
        "item": "The outcome of one picture.",
        "dataset": "The reason why a dataset leaves a picture out.",
        "job": "The error of a job.",
        "status": f"Status {kind.status}.",
    }[told_by(kind)]
    return f"{where} Trying again can help." if kind.transient else where


def api_page() -> Iterator[str]:
    """Yields a section for each endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        document = make_document(create_app(Settings(data_dir=Path(folder))))
    yield from ("# HTTP API", "")
    yield "The same as the page `/docs` of a running Loupe; `/openapi.json` is for machines."
    yield from ("", "Every endpoint can answer besides:", "")
    yield from _table(("status", "what"), everywhere(document))
    for section in describe(document):
        yield from ("", f"## {section.title}")
        for endpoint in section.endpoints:
            yield from _endpoint(endpoint)


def _endpoint(endpoint: Endpoint) -> Iterator[str]:
    yield from ("", f"### {endpoint.method} {endpoint.path}", "", f"{endpoint.summary}. {endpoint.description}", "")
    fields = [
        (f"`{f.name}`", f.place, f.type + (", required" if f.required else ""), f.description) for f in endpoint.fields
    ]
    if fields:
        yield from _table(("name", "in", "type", ""), fields)
        yield ""
    yield from _table(("status", "what"), endpoint.answers)


def cli_page() -> Iterator[str]:
    """Yields a section for each command."""
    yield from ("# Command line", "", "As `--help` says it. [The client's manual](../../client/README.md) says more.")
    context = click.Context(command, info_name="loupe", max_content_width=100, terminal_width=100)
    yield from _command(command, context, 2)


def _command(each: click.Command, context: click.Context, level: int) -> Iterator[str]:
    yield from ("", f"{'#' * level} {context.command_path}", "", "```text", each.get_help(context), "```")
    for name, child in sorted(getattr(each, "commands", {}).items()):
        inner = click.Context(child, context, name, max_content_width=100, terminal_width=100)
        yield from _command(child, inner, min(level + 1, 4))


def recipe_page() -> Iterator[str]:
    """Yields a section for each recipe, with its parameters."""
    yield from ("# Recipes' parameters", "", "[Recipes and training](../recipes.md) says what each is for.")
    for name in recipe_names():
        found = recipe(name)
        size = f"{found.input.width} × {found.input.height} {found.input.color}"
        yield from ("", f"## {name}", "", f"{found.help} Input {size}, architecture `{found.architecture}`.", "")
        rows = [
            (f"`{key}`", param.type, f"`{param.default}`", _bounds(param), param.help)
            for key, param in found.params.items()
        ]
        yield from _table(("parameter", "type", "default", "allowed", "what"), rows)


def _bounds(param: Param) -> str:
    if param.choices:
        return ", ".join(param.choices)
    ends = [f"from {param.min}"] * (param.min is not None) + [f"to {param.max}"] * (param.max is not None)
    return " ".join(ends)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in row) + " |"
