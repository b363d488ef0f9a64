"""The training process from start to end: reads its spec, trains, says which version it published."""

from __future__ import annotations

from typing import Any

from shared.errors import TrainingFailed
from trainer.children.entry import run
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.training.spec import TrainingSpec


def main() -> int:
    """Runs the training that standard input describes. Returns the exit status."""
    return run("training", _work, TrainingFailed)


def _work(spec: bytes, events: Events, stop: StopFlag) -> dict[str, Any]:
    wanted = TrainingSpec.model_validate_json(spec)
    events.waiting("starting TensorFlow")
    with stop.at_once():
        from trainer.child.train import train
    manifest = train(wanted, events, stop)
    return {"name": manifest.name, "version": manifest.version}
