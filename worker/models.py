"""The models this process holds: the served versions, kept warm, and others as jobs ask for them."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from shared import errors
from shared.jobs.model import Json
from shared.load_state import LoadState
from shared.registry import Registry, Served
from worker.engine.choose import EngineMissing
from worker.loaded import LoadedModel, SelfTestFailed
from worker.loads import LoadKills
from worker.metrics import MODEL_LOAD, MODEL_LOADS

log = logging.getLogger(__name__)

# A version that failed to load is not tried again for so long: its files may come back.
RETRY_AFTER_S = 30.0
# Nobody asks any more why a version did not load that is not served; it may have been deleted.
FORGET_AFTER_S = 600.0

Load = Callable[[str, int], LoadedModel]
Note = Callable[[str], AbstractContextManager[None]]
Key = tuple[str, int]


@dataclass(frozen=True)
class Failure:
    """A version that could not be loaded.

    Attributes:
        promotion: the move of the served pointer that it was tried for; None if only jobs asked for it.
        at: on the monotonic clock.
    """

    reason: str
    promotion: datetime | None
    at: float

    def stands(self, promotion: datetime | None) -> bool:
        """Tells whether to leave it at that for now. Who promotes a version again wants it tried again."""
        lately = time.monotonic() - self.at < RETRY_AFTER_S
        return lately and promotion in (None, self.promotion)


class Models:
    """Loaded versions, least recently used out first when they outgrow their memory, served ones last.

    What was dropped is loaded again when it is asked for: a list keeps the version it began with to its end.

    Args:
        registry: knows which version of each model is served.
        load: loads and warms a version; takes seconds.
        memory_bytes: room for all loaded versions together; one always fits.
        noted: holds a note of a load, given its name, as long as that goes on (`worker.loads.Loads.noted`).
        changed: called after a version began to load, was loaded, failed, was dropped or became the one that answers.
    """

    def __init__(
        self,
        registry: Registry,
        load: Load,
        memory_bytes: int,
        noted: Note = lambda _: nullcontext(),
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._registry = registry
        self._load = load
        self._memory_bytes = memory_bytes
        self._noted = noted
        self._changed = changed
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._following = threading.Lock()
        self._under_way: Key | None = None
        self._loaded: OrderedDict[Key, LoadedModel] = OrderedDict()
        self._failed: dict[Key, Failure] = {}
        self._served: dict[str, int] = {}

    def get(self, name: str, version: int | None = None) -> LoadedModel:
        """Returns a version that is ready to answer, the served one if none is named; loads it if it must.

        Raises:
            ItemModelNotFound: there is no such model or version, or it cannot be loaded.
        """
        if version is None and name not in self._served:
            self._first(name)
        # Looked up under one lock: what is served at one moment may have been dropped at the next. 0 is no version.
        with self._lock:
            key = (name, version or self._served.get(name, 0))
            found = self._loaded.get(key)
            if found:
                self._loaded.move_to_end(key)
                return found
        return self._load_once(key)

    def follow(self, name: str, served: Served) -> None:
        """Has a model's served version answer: loads it beside the old one, then switches and drops the old one.

        As long as it cannot be loaded the old one goes on; a process that holds none takes the one before it.

        Raises:
            ItemModelNotFound: neither can be loaded.
        """
        with self._following:
            self._follow(name, served)

    def keep_only(self, pointers: Mapping[str, Served]) -> None:
        """Forgets which version answers of all models but these, and old failures of versions that are not served."""
        served = {(name, pointer.version) for name, pointer in pointers.items()}
        forget_before = time.monotonic() - FORGET_AFTER_S
        with self._following, self._lock:
            for name in self._served.keys() - pointers.keys():
                del self._served[name]
            for key in {key for key, failure in self._failed.items() if failure.at < forget_before} - served:
                del self._failed[key]

    def describe(self) -> list[Json]:
        """Returns each version that is held or wanted, with its state.

        It is ready, loading, failed_to_load with the reason, or unloaded: served, and dropped to make room for others.
        `serving` is whether it answers when no version is named.
        """
        with self._lock:
            loaded, failed, serving = dict(self._loaded), dict(self._failed), dict(self._served)
            under_way = {self._under_way} if self._under_way else set()
        states: dict[Key, Json] = {key: {"state": LoadState.UNLOADED} for key in serving.items()}
        states |= {key: {"state": LoadState.FAILED, **_why(failure)} for key, failure in failed.items()}
        states |= {key: {"state": LoadState.LOADING} for key in under_way}
        states |= {key: {"state": LoadState.READY, "engine": model.runs_on} for key, model in loaded.items()}
        return [
            {"name": name, "version": version, **state, "serving": serving.get(name) == version}
            for (name, version), state in states.items()
        ]

    def _follow(self, name: str, served: Served) -> None:
        if self._served.get(name) == served.version:
            return
        try:
            self._load_once((name, served.version), served)
        except errors.ItemModelNotFound:
            if name in self._served:
                return
            if served.previous_version is None:
                raise
            self._load_once((name, served.previous_version))
            self._switch(name, served.previous_version)
        else:
            self._switch(name, served.version)

    def _switch(self, name: str, version: int) -> None:
        """Has another version answer. Batches under way end with the old one, which they hold themselves."""
        with self._lock:
            old = self._served.get(name)
            self._served[name] = version
            if old is not None and old != version:
                self._loaded.pop((name, old), None)
        log.info("serving %s version %d", name, version)
        self._changed()

    def _first(self, name: str) -> None:
        """Follows the pointer of a model that somebody asks for before this process looked at it."""
        with self._following:
            if name not in self._served:
                self._follow(name, self._pointer(name))

    def _pointer(self, name: str) -> Served:
        try:
            served = self._registry.served(name)
        except errors.StorageUnavailable:
            raise
        except errors.LoupeError as error:
            raise errors.ItemModelNotFound(error.message) from error
        if served is None:
            raise errors.ItemModelNotFound(f"No version of the model {name!r} is served.")
        return served

    def _load_once(self, key: Key, served: Served | None = None) -> LoadedModel:
        promotion = served.promoted_at if served else None
        # One load at a time: two at once would only slow each other down.
        with self._loading:
            with self._lock:
                found = self._loaded.get(key)
            if found:
                return found
            failure = self._failed.get(key)
            if failure and failure.stands(promotion):
                raise errors.ItemModelNotFound(failure.reason)
            # Where nothing answered before there is nothing else to try.
            noted = (
                self._noted(f"{key[0]}@{key[1]}:{promotion}") if served and served.previous_version else nullcontext()
            )
            return self._keep(key, self._try_load(key, promotion or (failure.promotion if failure else None), noted))

    def _try_load(self, key: Key, promotion: datetime | None, noted: AbstractContextManager[None]) -> LoadedModel:
        started = time.monotonic()
        self._under_way = key
        self._changed()
        try:
            with noted, MODEL_LOAD.time():
                loaded = self._load(*key)
        except errors.StorageUnavailable:
            raise
        except Exception as error:
            MODEL_LOADS.labels("failed").inc()
            if isinstance(error, (errors.LoupeError, EngineMissing, LoadKills, SelfTestFailed)):
                log.warning("could not load %s version %d: %s", *key, error)
            else:
                log.exception("could not load %s version %d", *key)
            reason = f"Version {key[1]} of the model {key[0]!r} cannot be loaded: {error}"
            with self._lock:
                self._failed[key] = Failure(reason, promotion, time.monotonic())
            raise errors.ItemModelNotFound(reason) from error
        finally:
            self._under_way = None
            self._changed()
        MODEL_LOADS.labels("loaded").inc()
        log.info("loaded %s version %d in %.1f s", *key, time.monotonic() - started)
        return loaded

    def _keep(self, key: Key, loaded: LoadedModel) -> LoadedModel:
        with self._lock:
            self._failed.pop(key, None)
            self._loaded[key] = loaded
            self._make_room(key)
        self._changed()
        return loaded

    def _make_room(self, newest: Key) -> None:
        # What is served goes last: everybody asks for it, and it is loaded again only when somebody waits for it.
        served = set(self._served.items())
        unused_first = sorted((key for key in self._loaded if key != newest), key=lambda key: key in served)
        for key in unused_first:
            if sum(model.bytes for model in self._loaded.values()) <= self._memory_bytes:
                return
            del self._loaded[key]
            log.info("dropped %s version %d to make room", *key)


def _why(failure: Failure) -> Json:
    promotion = failure.promotion.isoformat() if failure.promotion else None
    return {"reason": failure.reason, "promotion": promotion}
