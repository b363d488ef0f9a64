"""Whether a picture sent now would be classified, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from redis import Redis

from api.services import Services
from shared.errors import StorageUnavailable
from shared.heartbeat import ProcessState, processes
from shared.jobs.model import FINAL, Job, Kind
from shared.load_state import LoadState
from shared.schemas.health import Part, Readiness


def readiness(services: Services) -> Readiness:
    """Returns the state of every part.

    Raises:
        RedisUnavailable: Redis does not answer, so nothing is known of the others.
    """
    states = processes(services.redis)
    worker = _worker(services, states)
    parts = {
        "redis": Part(ok=True, detail=" ".join(_risks(services.redis))),
        "storage": _storage(services),
        "worker": worker,
        "trainer": _living("trainer", states),
        "scheduler": _living("scheduler", states),
    }
    return Readiness(ready=all(parts[name].ok for name in ("redis", "storage", "worker")), parts=parts)


def without_redis(detail: str, services: Services) -> Readiness:
    """Returns what can be said when Redis does not answer."""
    unknown = Part(ok=False, detail="Unknown: processes say through Redis how they are.")
    parts = {"redis": Part(ok=False, detail=detail), "storage": _storage(services)}
    return Readiness(ready=False, parts=parts | dict.fromkeys(("worker", "trainer", "scheduler"), unknown))


def _risks(redis: Redis) -> list[str]:
    """Returns why this Redis, though it answers, may lose jobs."""
    # redis-py types every answer as bytes or text.
    client: Any = redis
    found = client.info("persistence") | client.info("memory")
    risks = []
    if not found.get("aof_enabled"):
        risks.append("Its append-only file is off, so a restart of Redis loses jobs: set appendonly to yes.")
    if found.get("maxmemory_policy", "noeviction") != "noeviction":
        evicts = f"It may evict jobs when its memory is full ({found['maxmemory_policy']}):"
        risks.append(f"{evicts} set maxmemory-policy to noeviction.")
    return risks


def _storage(services: Services) -> Part:
    try:
        services.storage.check()
    except StorageUnavailable as error:
        return Part(ok=False, detail=error.message)
    return Part(ok=True)


def _living(role: str, states: Sequence[ProcessState]) -> Part:
    mine = [state for state in states if state.role == role]
    if not mine:
        return Part(ok=False, detail=f"No {role} is running.")
    return Part(ok=True, detail="; ".join(dict.fromkeys(state.detail for state in mine if state.detail)))


def _worker(services: Services, states: Sequence[ProcessState]) -> Part:
    mine = [state for state in states if state.role == "single"]
    models = [{"worker": state.id, **model} for state in mine for model in state.models]
    if not mine:
        return Part(ok=False, detail="No worker for single images is running.", models=[])
    if any(model["state"] == LoadState.READY for model in models):
        return Part(ok=True, detail=mine[0].detail, models=models)
    return Part(ok=False, detail=_training(services) or mine[0].detail or "The model is being loaded.", models=models)


def _training(services: Services) -> str:
    """Returns how far the newest training is; empty when none runs."""
    newest = services.jobs.page(kind=Kind.TRAINING, limit=1).jobs
    if not newest or newest[0].status in FINAL:
        return ""
    return f"There is no model yet. {_progress(newest[0])}"


def _progress(job: Job) -> str:
    epoch, epochs = job.progress.get("epoch"), job.progress.get("epochs")
    if not epochs:
        return f"A training is {job.status.value}."
    left = job.progress.get("eta_s")
    eta = f", about {left:.0f} s left" if isinstance(left, int | float) else ""
    return f"A training is at epoch {epoch or 0} of {epochs}{eta}."
