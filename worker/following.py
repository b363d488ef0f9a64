"""Follows the served pointers, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping

from redis.exceptions import RedisError

from shared import errors
from shared.registry import Registry
from worker.models import Models
from worker.shadow import Challenger, challengers_of

log = logging.getLogger(__name__)

# How often to ask whether a pointer was moved, and how often to look at storage all the same: somebody may have put
# a pointer there by other ways, and a version that failed to load is tried again.
ASK_EVERY_S = 1.0
LOOK_EVERY_S = 30.0


class Following:
    """Has the served versions loaded soon after they are promoted.

    Args:
        moves: returns a word that is another one after each move of a pointer, cheaply.
        shadows: is told what is in shadow, by model.
    """

    def __init__(
        self,
        registry: Registry,
        models: Models,
        moves: Callable[[], str | None],
        shadows: Callable[[Mapping[str, Challenger]], None] = lambda _: None,
    ) -> None:
        self._registry = registry
        self._models = models
        self._moves = moves
        self._shadows = shadows
        self._seen: str | None = None
        self._look_at = 0.0
        self._well = True

    def start(self) -> None:
        """Follows until the process ends."""
        threading.Thread(target=self._run, name="models", daemon=True).start()

    def round(self) -> None:
        """Looks at storage if a pointer was moved, or has not been looked at for long.

        Raises:
            RedisError, StorageUnavailable: one of them does not answer; the next round looks whatever it hears.
        """
        look_at, self._look_at = self._look_at, 0.0
        # Asked before storage is: what is moved in between is seen again in the next round.
        moves = self._moves()
        if moves != self._seen or time.monotonic() >= look_at:
            self.follow()
            look_at = time.monotonic() + LOOK_EVERY_S
        self._seen, self._look_at = moves, look_at

    def follow(self) -> None:
        """Has every model's served version answer that can be loaded."""
        pointers = self._registry.all_served()
        for name, served in pointers.items():
            try:
                self._models.follow(name, served)
            except errors.ItemModelNotFound as error:
                log.warning("no version of %s answers: %s", name, error)
        self._models.keep_only(pointers)
        self._shadows(challengers_of(self._registry, pointers))

    def _run(self) -> None:
        while True:
            try:
                self.round()
                self._well = True
            except (errors.LoupeError, RedisError) as error:
                # Once for each outage, not every second.
                if self._well:
                    log.warning("could not see which versions are served: %s", error)
                self._well = False
            except Exception:
                log.exception("following the served versions failed")
            time.sleep(ASK_EVERY_S)
