"""The training process from start to end: takes its place, reads its spec, trains, says how it ended."""

from __future__ import annotations

import logging
import sys

from shared.errors import LoupeError, TrainingFailed
from shared.logs import setup_logging
from shared.parent import die_with_parent
from trainer.child.events import Events
from trainer.child.stop import StopFlag, Stopped
from trainer.training.spec import TrainingSpec

log = logging.getLogger(__name__)


def main() -> int:
    """Runs the training that standard input describes. Returns the exit status: 0 also when it was stopped."""
    die_with_parent(parent=int(sys.argv[1]))
    events = Events.on_stdout()
    stop = StopFlag()
    stop.listen()
    setup_logging("training")
    try:
        spec = TrainingSpec.model_validate_json(sys.stdin.buffer.read())
        events.waiting("starting TensorFlow")
        with stop.at_once():
            from trainer.child.train import train
        train(spec, events, stop)
    except Stopped:
        events.send("stopped")
        return 0
    except LoupeError as error:
        log.warning("the training failed: %s", error)
        events.send("failed", code=error.code, message=error.message)
        return 1
    except Exception as error:
        log.exception("the training failed")
        events.send("failed", code=TrainingFailed.code, message=f"{type(error).__name__}: {error}")
        return 1
    events.send("published")
    return 0
