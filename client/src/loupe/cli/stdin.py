"""Standard input, which `-` stands for."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from loupe.bodies import open_file

DASH = "-"


def read_bytes() -> bytes:
    """Returns all of standard input."""
    return sys.stdin.buffer.read()


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """Opens a file, or standard input.

    Raises:
        FileProblem: there is no such file, or it cannot be read.
    """
    if source == DASH:
        yield sys.stdin.buffer
        return
    with open_file(Path(source)) as file:
        yield file


@contextmanager
def copied(source: str) -> Iterator[Path]:
    """Gives what can be read once as a file that can be read twice; it may be larger than memory."""
    with opened(source) as file, tempfile.NamedTemporaryFile(prefix="loupe-") as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


def read_lines(source: str) -> list[str]:
    """Returns the lines of a file, or of standard input, that are not blank, without what surrounds them.

    Raises:
        FileProblem: there is no such file, or it cannot be read.
        click.UsageError: they are not UTF-8.
    """
    with opened(source) as file:
        data = file.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = "Standard input" if source == DASH else source
        raise click.UsageError(f"{named}: expected lines of UTF-8, received other bytes.") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def names(given: Iterable[str]) -> list[str]:
    """Returns what was given, each `-` replaced by the lines of standard input."""
    given = list(given)
    if given.count(DASH) > 1:
        raise click.UsageError("`-` stands for standard input, and can be read once.")
    return [name for one in given for name in (read_lines(one) if one == DASH else [one])]
