"""Every process says each few seconds that it lives, what it serves, and its metrics; the API reads them all.

The state is kept in Redis with an expiry, so that it works for processes on any number of machines, and what died
is gone by itself.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from prometheus_client import REGISTRY, generate_latest
from redis import Redis
from redis.exceptions import RedisError

from shared import sign_of_life
from shared.jobs import keys
from shared.jobs.model import Json

log = logging.getLogger(__name__)

EVERY_S = 2.0
# A process that has not been heard of for this long counts as gone.
ALIVE_S = 6
HEARTBEATS = keys.PREFIX + "process:"
PROCESSES = keys.PREFIX + "processes"


@dataclass(frozen=True)
class ProcessState:
    """A process as it last described itself.

    Attributes:
        role: api, single, list, trainer or scheduler.
        id: role, host and process id.
        at: seconds since 1970.
        models: what a worker holds, each {"name", "version", "state"}.
        metrics: Prometheus text.
    """

    role: str
    id: str
    at: float
    detail: str
    models: list[Json]
    metrics: str


class Heartbeat:
    """Tells Redis about this process until it ends.

    Args:
        describe: returns the state's `detail` and `models`, quickly.
    """

    def __init__(self, redis: Redis, role: str, describe: Callable[[], tuple[str, list[Json]]]) -> None:
        self._redis = redis
        self._role = role
        self._id = f"{role}@{socket.gethostname()}:{os.getpid()}"
        self._describe = describe
        self._wake = threading.Event()
        self._beating = threading.Lock()
        self._ended = False

    def start(self) -> None:
        """Beats in a thread of its own until the process ends; one that ends in good order says so."""
        atexit.register(self.end)
        threading.Thread(target=self._run, name="heartbeat", daemon=True).start()

    def now(self) -> None:
        """Beats at once, because something worth knowing changed."""
        self._wake.set()

    def end(self) -> None:
        """Says that this process is gone, so that nobody counts on it for the last seconds of its expiry."""
        with self._beating:
            self._ended = True
            try:
                self._redis.delete(HEARTBEATS + self._id)
            except RedisError as error:
                log.warning("Redis does not hear that this process ends: %s", error)

    def beat(self) -> None:
        """Writes the state once."""
        with self._beating:
            if not self._ended:
                self._write()

    def _write(self) -> None:
        detail, models = self._describe()
        state = {
            "role": self._role,
            "id": self._id,
            "at": time.time(),
            "detail": detail,
            "models": models,
            "metrics": generate_latest(REGISTRY).decode("utf-8"),
        }
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(HEARTBEATS + self._id, json.dumps(state), ex=ALIVE_S)
            pipe.sadd(PROCESSES, self._id)
            pipe.execute()

    def _run(self) -> None:
        heard = True
        while True:
            sign_of_life.give()
            try:
                self.beat()
                heard = True
            except RedisError as error:
                # Once for each outage; every process would say it every two seconds.
                if heard:
                    log.warning("Redis does not hear this process: %s", error)
                heard = False
            except Exception:
                log.exception("this process cannot describe itself")
            self._wake.wait(EVERY_S)
            self._wake.clear()


def processes(redis: Redis) -> list[ProcessState]:
    """Returns all living processes by role and id."""
    client: Any = redis
    names = sorted(client.smembers(PROCESSES))
    if not names:
        return []
    texts = client.mget([HEARTBEATS + name for name in names])
    gone = [name for name, text in zip(names, texts, strict=True) if not text]
    if gone:
        client.srem(PROCESSES, *gone)
    return [ProcessState(**json.loads(text)) for text in texts if text]
