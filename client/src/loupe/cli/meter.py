"""How far something is, on standard error: a bar on a terminal, a line now and then elsewhere, nothing with -q."""

from __future__ import annotations

import time
from typing import Self

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from loupe.cli.output import Output, clean

SAY_EVERY_S = 10.0


class Meter:
    """Shows how far one thing is, and how long it will take.

    Args:
        name: begins the lines that are written where no bar can be shown.
    """

    def __init__(self, output: Output, name: str) -> None:
        self._output = output
        self._name = name
        self._hidden = output.quiet or not output.words.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=output.words, transient=True, disable=self._hidden)
        self._bar.add_task("", total=None)
        (self._task,) = self._bar.tasks
        self._said_at = time.monotonic()
        self._said = ""

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    @property
    def per_second(self) -> float | None:
        """How much was done a second lately; None until that is known."""
        return self._task.speed

    def show(self, words: str, done: int, total: int | None) -> None:
        """Shows how far it is."""
        self._bar.update(self._task.id, description=clean(words), completed=done, total=total, refresh=not self._hidden)
        if self._hidden and words != self._said and time.monotonic() - self._said_at > SAY_EVERY_S:
            self._said, self._said_at = words, time.monotonic()
            self._output.say(f"{self._name}: {words}{self._left()}.")

    def _left(self) -> str:
        seconds = self._task.time_remaining
        return f", about {about(seconds)} left" if seconds else ""


def about(seconds: float) -> str:
    """Returns a time in words."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
