"""The entry of the import of a model; `trainer.model_import.run` starts it."""

from __future__ import annotations

from typing import Any

from shared.errors import ImportFailed
from trainer.children.entry import run
from trainer.children.events import Events
from trainer.children.stop import StopFlag


def _work(given: bytes, events: Events, stop: StopFlag) -> dict[str, Any]:
    events.waiting("starting")
    with stop.at_once():
        from trainer.model_import.take import work
    return work(given, events, stop)


raise SystemExit(run("model import", _work, ImportFailed))
