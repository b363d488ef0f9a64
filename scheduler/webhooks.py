"""Tells webhooks what is due, several at a time, so that a receiver that hangs holds up no other."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial

from scheduler.repeat import attempt
from shared.jobs.webhooks import Event, Try, WebhookStore

log = logging.getLogger(__name__)

EVERY_S = 0.5
# Each may wait for 10 s: sixteen receivers that hang leave none for others.
MOST_AT_ONCE = 64
MOST_PER_HOST = 4


class Webhooks:
    """Claims events and tells each in a thread of its own.

    Args:
        tell: makes one try; never raises for what the receiver does.
        per_host: the most tries at a time to one host.
    """

    def __init__(self, store: WebhookStore, tell: Callable[[Event], Try], per_host: int = MOST_PER_HOST) -> None:
        self._store = store
        self._tell = tell
        self._per_host = per_host
        self._lock = threading.Lock()
        self._telling: Counter[str] = Counter()

    def round(self) -> None:
        """Begins to tell what is due. Each try that ends does the same, so that its place is taken at once."""
        while (event := self._claim()) is not None:
            try:
                threading.Thread(target=self._run, args=(event,), name="webhook", daemon=True).start()
            except RuntimeError:
                # The system has no thread left. The claim runs out, and the event is told after that.
                self._end(event)
                raise

    def _claim(self) -> Event | None:
        with self._lock:
            if self._telling.total() >= MOST_AT_ONCE:
                return None
            busy = [host for host, count in self._telling.items() if count >= self._per_host]
            event = self._store.claim(uuid.uuid4().hex, busy)
            if event is not None:
                self._telling[event.host] += 1
            return event

    def _run(self, event: Event) -> None:
        attempt("telling a webhook", partial(self._try, event))
        self._end(event)
        attempt("telling webhooks", self.round)

    def _end(self, event: Event) -> None:
        with self._lock:
            self._telling[event.host] -= 1
            # Adding nothing drops hosts that are told nothing now.
            self._telling += Counter()

    def _try(self, event: Event) -> None:
        made = self._tell(event)
        if made.error:
            log.warning("%s to %s, try %d: %s", event.id, event.host, event.tried + 1, made.error["message"])
        # When Redis does not answer, the claim runs out and the event is told again.
        self._store.tried(made)
