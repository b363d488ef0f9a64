"""Sends a folder for `loupe datasets import`, and goes on with one that an earlier command began."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import click

from loupe.cli.app import App
from loupe.cli.meter import Meter
from loupe.errors import LoupeError
from loupe.types import Job, Sent

MIB = 1024**2


def send_folder(app: App, name: str, folder: Path, options: dict[str, Any]) -> Job:
    """Sends a folder, and returns its import's job."""
    with Meter(app.output, str(folder)) as meter:
        sending = Sending(app, meter)
        try:
            job = app.client.datasets.import_files(
                name,
                folder,
                memory=memory_of(app.client.settings.url, name, folder),
                on_progress=sending.show,
                **options,
            )
        except (LoupeError, KeyboardInterrupt):
            sending.broken_off()
            raise
    sending.whole()
    return job


def memory_of(url: str, name: str, folder: Path) -> Path:
    """Returns where it is kept that a folder is on its way: not beside it, where often nothing can be written."""
    known = json.dumps([url, name, str(folder.resolve())])
    return Path(click.get_app_dir("loupe")) / "uploads" / f"{hashlib.sha256(known.encode()).hexdigest()[:32]}.json"


class Sending:
    """Says how far a folder is."""

    def __init__(self, app: App, meter: Meter) -> None:
        self._output = app.output
        self._meter = meter
        self._sent: Sent | None = None

    def show(self, sent: Sent) -> None:
        """Shows how far it is."""
        if self._sent is None and sent.files:
            self._output.say(f"Going on: {sent.files:,} of {sent.total:,} files have arrived before.")
        self._sent = sent
        rate = self._meter.per_second
        pace = f", {rate:,.{0 if rate >= 10 else 1}f} a second" if rate else ""
        self._meter.show(f"{sent.files:,} of {sent.total:,} files{pace}", sent.files, sent.total)

    def broken_off(self) -> None:
        """Says what becomes of what was sent."""
        if self._sent is not None:
            self._output.say("What has arrived is kept for a day: the same command goes on with it.")

    def whole(self) -> None:
        """Says what was sent."""
        if self._sent is not None:
            large = f", and {self._sent.too_large:,} were too large" if self._sent.too_large else ""
            count = self._sent.files - self._sent.too_large
            self._output.say(f"{count:,} files were sent ({self._sent.bytes / MIB:,.1f} MiB){large}.")
