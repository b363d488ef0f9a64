"""`loupe doctor`: is Loupe there, may I ask it, and would it answer?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import click

from loupe.cli import exits
from loupe.cli.advice import next_step
from loupe.cli.app import App, command
from loupe.cli.output import Record
from loupe.client import Client
from loupe.errors import LoupeError


@dataclass(frozen=True)
class Check:
    """What was looked at, and what was found."""

    name: str
    ok: bool
    detail: str
    code: int = exits.OK


@click.command()
@command
def doctor(app: App) -> int:
    """Check the way to Loupe, the key, and every part of it. With -q only what is wrong is named."""
    # Who looks wants to know how it is now.
    with Client(app.client.settings.url, retry_for_s=0) as client:
        checks = list(_checks(client))
    shown = [check for check in checks if not check.ok] if app.output.quiet else checks
    app.output.show(("check", "state", "detail"), map(_record, shown))
    wrong = [check.code for check in checks if not check.ok]
    return wrong[0] if wrong else exits.OK


def _checks(client: Client) -> Iterator[Check]:
    """Yields checks; after one without which no other can be made there are no more."""
    url = client.settings.url
    try:
        readiness = client.ready()
    except LoupeError as error:
        yield _failed("server", error)
        return
    yield Check("server", ok=True, detail=url)
    yield _key(client)
    for name, part in readiness.parts.items():
        yield Check(name, part.ok, part.detail, exits.OK if part.ok else exits.FAILED)


def _key(client: Client) -> Check:
    try:
        list(islice(client.models.all(), 1))
    except LoupeError as error:
        return _failed("key", error)
    if client.settings.key_in_the_clear:
        return Check("key", ok=True, detail="accepted, but it is sent unencrypted: use https")
    return Check("key", ok=True, detail="accepted" if client.settings.api_key else "none set, and none was asked for")


def _failed(name: str, error: LoupeError) -> Check:
    detail = f"{error.message} {next_step(error)}".rstrip()
    return Check(name, ok=False, detail=detail, code=exits.of_error(error))


def _record(check: Check) -> Record:
    raw = {"name": check.name, "ok": check.ok, "detail": check.detail}
    return Record(check.name, raw, (check.name, "ok" if check.ok else "wrong", check.detail))
