"""The `loupe` command: its parts, and how its errors are told."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Sequence

import click

from loupe.cli import exits
from loupe.cli.advice import sentence
from loupe.cli.batch import batch
from loupe.cli.classify import classify
from loupe.cli.datasets import datasets
from loupe.cli.doctor import doctor
from loupe.cli.jobs import jobs
from loupe.cli.models import models, promote
from loupe.cli.output import say
from loupe.cli.schedules import schedules
from loupe.cli.shadow import shadow
from loupe.cli.train import recipes, train
from loupe.errors import LoupeError
from loupe.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--url", metavar="URL", help="Where Loupe is; by default LOUPE_URL, else http://127.0.0.1:8000.")
@click.version_option(__version__, prog_name="loupe")
def loupe(url: str | None) -> None:
    """Classify pictures with a Loupe server, and train its models.

    LOUPE_URL says where it is, and LOUPE_API_KEY as whom you ask. Data go to standard output and words to standard
    error. Exit codes: 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 partly failed, 8 still running,
    130 interrupted, 141 nobody reads the output any more.
    """


for part in (classify, batch, datasets, recipes, train, models, promote, shadow, schedules, jobs, doctor):
    loupe.add_command(part)


def main() -> None:
    """Runs the command."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show is no reason to fail.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    logging.getLogger("loupe").addHandler(WordsHandler())
    code = run(sys.argv[1:])
    if threading.active_count() > 1:
        # They may wait for answers that nobody wants any more, for up to a minute.
        os._exit(code)
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    try:
        code = loupe.main(list(arguments), prog_name="loupe", standalone_mode=False)
    except LoupeError as error:
        say(f"loupe: {sentence(error)}")
        return exits.of_error(error)
    except click.ClickException as error:
        error.show()
        return exits.USAGE
    except (click.Abort, KeyboardInterrupt):
        say("loupe: Interrupted.")
        return exits.INTERRUPTED
    except SystemExit:
        # So click answers a broken pipe: whoever read the output, such as `head`, has enough.
        return exits.UNREAD
    except OSError as error:
        say(f"loupe: {error.filename or 'A file'}: {error.strerror or error}.")
        return exits.FAILED
    except Exception as error:  # noqa: BLE001 - nobody is shown a traceback
        say(f"loupe: This is a fault in the command, not in how it was used: {error!r}. Please report it.")
        return exits.FAILED
    return int(code or exits.OK)


class WordsHandler(logging.Handler):
    """Says what the client tells of its retries, on standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        """Says it."""
        say(f"loupe: {record.getMessage()}")
