"""The entry of every child process: reads its spec, does the work, and says how it ended."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from shared.errors import LoupeError
from shared.logs import setup_logging
from shared.parent import die_with_parent
from shared.settings import load_settings
from trainer.children.events import Events
from trainer.children.stop import StopFlag, Stopped

log = logging.getLogger(__name__)

# Takes the spec as JSON, and returns what the child ends with.
Work = Callable[[bytes, Events, StopFlag], dict[str, Any]]


def run(name: str, work: Work, failed: type[LoupeError]) -> int:
    """Runs the work that standard input describes. Returns the exit status: 0 also when it was stopped.

    Args:
        name: for the log.
        failed: the error for what nobody foresaw.
    """
    die_with_parent(parent=int(sys.argv[1]))
    events = Events.on_stdout()
    stop = StopFlag()
    stop.listen()
    setup_logging(name, load_settings().log_format)
    try:
        result = work(sys.stdin.buffer.read(), events, stop)
    except Stopped:
        events.send("stopped")
        return 0
    except LoupeError as error:
        log.warning("the %s failed: %s", name, error)
        events.send("failed", code=error.code, message=error.message)
        return 1
    except Exception as error:
        log.exception("the %s failed", name)
        events.send("failed", code=failed.code, message=f"{type(error).__name__}: {error}")
        return 1
    events.send("done", result=result)
    return 0
