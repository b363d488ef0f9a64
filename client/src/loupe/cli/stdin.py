"""Standard input, which `-` stands for."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

DASH = "-"


def read_bytes() -> bytes:
    """Returns all of standard input."""
    return sys.stdin.buffer.read()


def read_lines() -> list[str]:
    """Returns the lines of standard input that are not blank, without what surrounds them.

    Raises:
        click.UsageError: they are not UTF-8.
    """
    try:
        text = read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError("Standard input: expected lines of UTF-8, received other bytes.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def names(given: Iterable[str]) -> list[str]:
    """Returns what was given, each `-` replaced by the lines of standard input."""
    given = list(given)
    if given.count(DASH) > 1:
        raise click.UsageError("`-` stands for standard input, and can be read once.")
    return [name for one in given for name in (read_lines() if one == DASH else [one])]
