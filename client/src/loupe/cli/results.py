"""Writes the results of a classification: to a file, whole or not at all, or to standard output."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from loupe.cli.app import App
from loupe.cli.output import Style
from loupe.types import Job

NDJSON_SUFFIXES = {".ndjson", ".jsonl"}


def write_results(app: App, job: Job, output: Path | None) -> None:
    """Writes results as CSV; as NDJSON to a file that is called so, and to standard output with --json.

    Args:
        output: None for standard output.
    """
    if output is not None:
        _to_file(app, job, output)
    else:
        _to_stdout(app, job)


def _to_file(app: App, job: Job, output: Path) -> None:
    form = "ndjson" if output.suffix.lower() in NDJSON_SUFFIXES else "csv"
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            app.client.jobs.download(job, file, form)
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    except OSError as error:
        # A part of the results would only take room on a disk that is full.
        with suppress(OSError):
            part.unlink(missing_ok=True)
        app.output.say(f"The results are kept: `loupe jobs results {job.id} -o FILE` writes them elsewhere.")
        raise OSError(error.errno, error.strerror, str(output)) from None


def _to_stdout(app: App, job: Job) -> None:
    with tempfile.TemporaryFile() as file:
        app.client.jobs.download(job, file, "ndjson" if app.output.style is Style.JSON else "csv")
        file.seek(0)
        shutil.copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()
