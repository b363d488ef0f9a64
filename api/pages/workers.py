"""What the workers make of a model: which version answers in each, and why one could not be loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.format import plural
from api.pages.words import Trouble, next_step
from api.services import services
from shared.heartbeat import ProcessState, processes
from shared.load_state import LoadState
from shared.registry import Served

TASKS = {"single": "single pictures", "list": "batches"}
HOLDS = {
    LoadState.READY: "is loaded",
    LoadState.LOADING: "is being loaded",
    LoadState.FAILED: "cannot be loaded",
    LoadState.UNLOADED: "made room",
}


@dataclass(frozen=True)
class Loaded:
    """A version in the workers; `trouble` is what one of them said that could not load it."""

    ready: int
    trouble: Trouble | None

    @property
    def words(self) -> str:
        """How many have it loaded, in words."""
        return f"{plural(self.ready, 'worker has', 'workers have')} it loaded" if self.ready else ""


@dataclass(frozen=True)
class WorkerLine:
    """A worker; `serving` is the version that answers there, None if none of the model's does."""

    id: str
    task: str
    serving: int | None
    others: Sequence[str]


def worker_lines(name: str) -> list[WorkerLine]:
    """Returns the workers that hold or want a version of a model, and what they do with it.

    Raises:
        RedisUnavailable: their heartbeats cannot be read.
    """
    return [line for state in processes(services().redis) if (line := _line(state, name)) is not None]


def workers_of(name: str) -> list[WorkerLine]:
    """Returns all workers, and what each does with a model now.

    Raises:
        RedisUnavailable: their heartbeats cannot be read.
    """
    states = [state for state in processes(services().redis) if state.role in TASKS]
    return [_line(state, name) or WorkerLine(state.id, TASKS[state.role], None, ()) for state in states]


def loaded(name: str, version: int, served: Served | None) -> Loaded:
    """Returns what the workers make of a version.

    Args:
        served: the model's pointer, which knows what could not be loaded before.

    Raises:
        RedisUnavailable: their heartbeats cannot be read.
    """
    models = [model for state in processes(services().redis) for model in state.models]
    held = [model for model in models if (model["name"], model["version"]) == (name, version)]
    reasons = [str(model.get("reason") or "") for model in held if model["state"] == LoadState.FAILED]
    refusal = served.refusal(version) if served else None
    if refusal and not held:
        reasons = [refusal.reason]
    return Loaded(sum(model["state"] == LoadState.READY for model in held), _trouble(version, reasons))


def _line(state: ProcessState, name: str) -> WorkerLine | None:
    mine = [model for model in state.models if model["name"] == name]
    if not mine:
        return None
    serving = next((model["version"] for model in mine if model.get("serving")), None)
    others = [f"v{m['version']} {HOLDS.get(m['state'], m['state'])}" for m in mine if m["version"] != serving]
    return WorkerLine(state.id, TASKS.get(state.role, state.role), serving, others)


def _trouble(version: int, reasons: Sequence[str]) -> Trouble | None:
    if not reasons:
        return None
    return Trouble(
        LoadState.FAILED, f"A worker could not load v{version}: {reasons[0]}".rstrip(": "), next_step(LoadState.FAILED)
    )
