"""The models this process holds: the served versions, kept warm, and others as jobs ask for them."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from shared import errors
from shared.jobs.model import Json
from shared.registry import Registry
from worker.engine.choose import EngineMissing
from worker.loaded import LoadedModel, SelfTestFailed

log = logging.getLogger(__name__)

WATCH_EVERY_S = 1.0
# A version that failed to load is not tried again for so long: its files may come back.
RETRY_AFTER_S = 30.0

Load = Callable[[str, int], LoadedModel]
Key = tuple[str, int]


class Models:
    """Loaded versions, least recently used out first when they outgrow their memory, served ones last.

    What was dropped is loaded again when it is asked for: a list keeps the version it began with to its end.

    Args:
        registry: knows which version of each model is served.
        load: loads and warms a version; takes seconds.
        memory_bytes: room for all loaded versions together; one always fits.
        changed: called after a version was loaded, failed or dropped.
    """

    def __init__(
        self,
        registry: Registry,
        load: Load,
        memory_bytes: int,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._registry = registry
        self._load = load
        self._memory_bytes = memory_bytes
        self._changed = changed
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._loaded: OrderedDict[Key, LoadedModel] = OrderedDict()
        self._failed: dict[Key, tuple[float, str]] = {}
        self._served: dict[str, int] = {}

    def get(self, name: str, version: int | None = None) -> LoadedModel:
        """Returns a version that is ready to answer, the served one if none is named; loads it if it must.

        Raises:
            ItemModelNotFound: there is no such model or version, or it cannot be loaded.
        """
        wanted = version or self._served.get(name) or self._pointer(name)
        key = (name, wanted)
        with self._lock:
            found = self._loaded.get(key)
            if found:
                self._loaded.move_to_end(key)
                return found
        return self._load_once(key)

    def follow(self) -> None:
        """Loads what is newly served beside the old, then switches; called again and again by `watch`."""
        pointers = {name: served.version for name, served in self._registry.all_served().items()}
        for name, version in pointers.items():
            if self._served.get(name) == version or self._failed_lately((name, version)):
                continue
            try:
                self._load_once((name, version))
            except errors.ItemModelNotFound:
                continue
            log.info("serving %s version %d", name, version)
            self._served[name] = version
        for name in self._served.keys() - pointers.keys():
            del self._served[name]

    def watch(self) -> None:
        """Follows the served pointers in a thread of its own."""
        threading.Thread(target=self._watch, name="models", daemon=True).start()

    def describe(self) -> list[Json]:
        """Returns each version held or failed, with its state: ready, or failed_to_load with the reason."""
        with self._lock:
            ready = [
                {"name": n, "version": v, "state": "ready", "engine": loaded.runs_on}
                for (n, v), loaded in self._loaded.items()
            ]
            failed = [
                {"name": n, "version": v, "state": "failed_to_load", "reason": reason}
                for (n, v), (_, reason) in self._failed.items()
            ]
        return ready + failed

    def _watch(self) -> None:
        while True:
            try:
                self.follow()
            except errors.LoupeError as error:
                log.warning("could not read which versions are served: %s", error)
            except Exception:
                log.exception("following the served versions failed")
            time.sleep(WATCH_EVERY_S)

    def _pointer(self, name: str) -> int:
        try:
            served = self._registry.served(name)
        except errors.StorageUnavailable:
            raise
        except errors.LoupeError as error:
            raise errors.ItemModelNotFound(error.message) from error
        if served is None:
            raise errors.ItemModelNotFound(f"No version of the model {name!r} is served.")
        return served.version

    def _failed_lately(self, key: Key) -> bool:
        failed = self._failed.get(key)
        return failed is not None and time.monotonic() - failed[0] < RETRY_AFTER_S

    def _load_once(self, key: Key) -> LoadedModel:
        # One load at a time: two at once would only slow each other down.
        with self._loading:
            with self._lock:
                found = self._loaded.get(key)
            if found:
                return found
            if self._failed_lately(key):
                raise errors.ItemModelNotFound(self._failed[key][1])
            return self._keep(key, self._try_load(key))

    def _try_load(self, key: Key) -> LoadedModel:
        started = time.monotonic()
        try:
            loaded = self._load(*key)
        except errors.StorageUnavailable:
            raise
        except Exception as error:
            if isinstance(error, (errors.LoupeError, EngineMissing, SelfTestFailed)):
                log.warning("could not load %s version %d: %s", *key, error)
            else:
                log.exception("could not load %s version %d", *key)
            reason = f"Version {key[1]} of the model {key[0]!r} cannot be loaded: {error}"
            with self._lock:
                self._failed[key] = (time.monotonic(), reason)
            self._changed()
            raise errors.ItemModelNotFound(reason) from error
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
