"""Takes the served pointer back from a version that no worker can load.

It is here because there is one leading scheduler, while each worker knows of itself alone: what one of them cannot load
another may, and that is decided from what all of them say (`worker.models.Models.describe`).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from redis import Redis

from shared.errors import PointerBusy
from shared.heartbeat import ProcessState, processes
from shared.jobs.model import Json
from shared.load_state import LoadState
from shared.pointers import Pointers
from shared.registry import Registry, Served

log = logging.getLogger(__name__)

EVERY_S = 1.0
WORKERS = ("single", "list")
# Every worker has looked at a new pointer by then, or says nothing of it because it is stuck.
HEARD_S = 10.0


class WayBack:
    """One round looks at every version that a worker failed to load.

    Args:
        now: seconds since 1970.
    """

    def __init__(
        self, redis: Redis, registry: Registry, pointers: Pointers, now: Callable[[], float] = time.time
    ) -> None:
        self._redis = redis
        self._registry = registry
        self._pointers = pointers
        self._now = now

    def round(self) -> None:
        """Moves the pointers back that have to be; storage is looked at only when a worker says that it failed."""
        workers = [state for state in processes(self._redis) if state.role in WORKERS]
        failed = {model["name"] for state in workers for model in state.models if _tried_in_vain(model)}
        for name in sorted(failed):
            self._look_at(name, workers)

    def _look_at(self, name: str, workers: Sequence[ProcessState]) -> None:
        served = self._registry.readable_served(name)
        if served is None:
            return
        reason = self._refused(name, served, workers)
        to = self._registry.way_back(name, served) if reason else None
        # Where the way back cannot be loaded either, it is the workers that something is wrong with.
        if reason is None or to is None or not _is_ready(name, to, workers):
            return
        try:
            with self._pointers.moving(name):
                back = self._registry.go_back(name, served, to, reason)
        except PointerBusy:
            # Somebody moves it, which is a later word than this.
            return
        if back is not None:
            log.warning("%s: back to version %d, because no worker can load the served one. %s", name, to, reason)

    def _refused(self, name: str, served: Served, workers: Sequence[ProcessState]) -> str | None:
        """Returns why no worker can load what is served; None if one can, or some have yet to say."""
        heard = [_of(state, name, served.version) for state in workers]
        failed = [model for model in heard if _tried_in_vain(model) and _for(model, served)]
        if not failed or any(model.get("state") in (LoadState.READY, LoadState.LOADING) for model in heard):
            return None
        if len(failed) < len(heard) and self._now() - served.promoted_at.timestamp() < HEARD_S:
            return None
        return str(failed[0].get("reason") or "It cannot be loaded.")


def _of(state: ProcessState, name: str, version: int) -> Json:
    """Returns what a worker says of a version; nothing if it says nothing."""
    return next((model for model in state.models if (model["name"], model["version"]) == (name, version)), {})


def _tried_in_vain(model: Json) -> bool:
    return model.get("state") == LoadState.FAILED and model.get("promotion") is not None


def _for(model: Json, served: Served) -> bool:
    """Tells whether a worker tried it since it was promoted: before, its files may have been others."""
    return bool(model["promotion"] == served.promoted_at.isoformat())


def _is_ready(name: str, version: int, workers: Sequence[ProcessState]) -> bool:
    return any(_of(state, name, version).get("state") == LoadState.READY for state in workers)
