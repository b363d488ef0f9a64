"""Wakes requests that wait for a job: one listener a process on Redis's publish and subscribe."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from api.admission import step_aside
from shared.growing_threads import GrowingThreads
from shared.jobs import keys
from shared.jobs.model import Job
from shared.jobs.record import job_of

log = logging.getLogger(__name__)

RECONNECT_AFTER_S = 1.0


class Watch:
    """A wait for news of one job.

    Attributes:
        ended: the job, once its end was told.
    """

    def __init__(self) -> None:
        self._news = threading.Event()
        self.ended: Job | None = None

    def tell(self, ended: Job | None = None) -> None:
        """Says that there is news."""
        self.ended = ended
        self._news.set()

    def wait(self, seconds: float) -> bool:
        """Returns True as soon as there is news that came after the last wait, False when the time is up."""
        step_aside()
        told = self._news.wait(seconds)
        self._news.clear()
        return told


class EventHub:
    """Hands messages on to those who wait for their job.

    A message may be lost while the listener reconnects: who waits looks at the record now and then all the same.
    Looking after `watch` has begun misses nothing.

    Args:
        connect: makes a Redis client for the listener alone.
    """

    def __init__(self, connect: Callable[[], Redis]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._thread = GrowingThreads(self._listen, "events", 1)
        # Replaced by the server's own: long answers end when the process is about to stop.
        self.stopping: Callable[[], bool] = lambda: False

    @contextmanager
    def watch(self, job_id: str) -> Iterator[Watch]:
        """Registers for news of a job inside the block."""
        watch = Watch()
        self.start()
        with self._lock:
            self._watches[job_id].add(watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._watches[job_id].discard(watch)
                if not self._watches[job_id]:
                    del self._watches[job_id]

    def start(self) -> None:
        """Begins to listen, in a thread of its own, unless it has begun.

        Raises:
            RuntimeError: the system has no thread left.
        """
        with self._lock:
            self._thread.reach(1)

    def tell(self, message: str) -> None:
        """Wakes all who wait for the jobs of a message.

        Args:
            message: a line for each, `progress <job id>` or `end <job id> <record>`.
        """
        for line in message.split("\n"):
            try:
                self._tell(line)
            except Exception:
                # Of another version of Loupe, while one is replaced by the other. Who waits looks by himself.
                log.exception("a message of a job could not be read")

    def _tell(self, line: str) -> None:
        _, _, rest = line.partition(" ")
        job_id, _, record = rest.partition(" ")
        with self._lock:
            watches = list(self._watches.get(job_id, ()))
        if watches:
            ended = job_of(record) if record else None
            for watch in watches:
                watch.tell(ended)

    def _listen(self) -> None:
        # redis-py leaves parts of itself untyped.
        redis: Any = self._connect()
        heard = True
        while True:
            try:
                with redis.pubsub(ignore_subscribe_messages=True) as subscription:
                    subscription.subscribe(keys.EVENTS)
                    heard = True
                    while True:
                        # Without a time-out: with one, redis-py asks twice for each message whether there is any.
                        message = subscription.get_message(timeout=None)
                        if message:
                            self.tell(str(message["data"]))
            except (RedisError, OSError) as error:
                # Once for each outage, not every second of it.
                if heard:
                    log.warning("no news of jobs until Redis is back: %s", error)
                heard = False
                time.sleep(RECONNECT_AFTER_S)
