"""What the workers make of a version: how many have it loaded, and why one could not load it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.format import plural
from api.pages.words import Trouble, next_step
from api.services import services
from shared.heartbeat import processes

READY, FAILED = "ready", "failed_to_load"


@dataclass(frozen=True)
class Loaded:
    """A version in the workers; `trouble` is what one of them said that could not load it."""

    ready: int
    trouble: Trouble | None

    @property
    def words(self) -> str:
        """How many have it loaded, in words."""
        return f"{plural(self.ready, 'worker has', 'workers have')} it loaded" if self.ready else ""


def loaded(name: str, version: int) -> Loaded:
    """Returns what the workers make of a version.

    Raises:
        RedisUnavailable: their heartbeats cannot be read.
    """
    models = [model for state in processes(services().redis) for model in state.models]
    held = [model for model in models if (model["name"], model["version"]) == (name, version)]
    reasons = [str(model.get("reason") or "") for model in held if model["state"] == FAILED]
    return Loaded(sum(model["state"] == READY for model in held), _trouble(version, reasons))


def _trouble(version: int, reasons: Sequence[str]) -> Trouble | None:
    if not reasons:
        return None
    return Trouble(FAILED, f"A worker could not load v{version}: {reasons[0]}".rstrip(": "), next_step(FAILED))
