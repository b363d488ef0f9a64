"""What every Celery worker of Loupe does at its start and its end, whatever its work."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import celeryd_init, worker_init, worker_ready, worker_shutting_down
from celery.signals import setup_logging as celery_setup_logging

from shared.collector import spare_the_collector
from shared.jobs.model import Queue
from shared.jobs.runner import Runner
from shared.logs import LogFormat, setup_logging
from shared.preemption import interrupt_nobody
from shared.tracing import start_tracing
from shared.watchdog import Watchdog


class Process(Protocol):
    """Everything a worker process holds, made once inside it."""

    runner: Runner
    watchdog: Watchdog

    def start(self) -> None:
        """Begins its work in the background: heartbeats, loading models."""
        ...


log = logging.getLogger(__name__)

P = TypeVar("P", bound=Process)


class CeleryWorker(Generic[P]):
    """Ties a process of ours to a Celery worker's life.

    Args:
        make: makes the process from its role, which is the node's name before the `@`; called when the worker starts,
            never when a module is imported and never before a fork.
        log_format: of its log.
    """

    def __init__(self, app: Celery, make: Callable[[str], P], log_format: LogFormat) -> None:
        self._app = app
        self._log_format = log_format
        self._make = make
        self._process: P | None = None
        # Celery warns root of pickled messages; Loupe's are JSON alone.
        warnings.filterwarnings("ignore", category=SecurityWarning)
        self._role = "worker"
        celeryd_init.connect(self._name)
        worker_init.connect(self._start)
        worker_ready.connect(self._watch)
        worker_shutting_down.connect(self._stop)
        # A connected receiver keeps Celery from setting logging up itself.
        celery_setup_logging.connect(self._logs)

    def task(self, queue: Queue, run: Callable[[P, str], None]) -> None:
        """Adds the task of a queue, which takes a unit's id.

        The message is acknowledged on arrival and Celery never retries it: the lease is the one recovery
        (ARCHITECTURE.md, "The life of one job").
        """

        def task(unit: str) -> None:
            if self._process is None:
                raise RuntimeError("A unit came before the worker's start.")
            run(self._process, unit)

        self._app.task(task, name=queue.value)

    def _name(self, sender: Any, **_: Any) -> None:
        # Before logging is set up; the sender is the node's name.
        self._role = str(sender).partition("@")[0]

    def _start(self, **_: Any) -> None:
        try:
            interrupt_nobody()
            start_tracing(self._role)
            process = self._make(self._role)
            # Before any model is loaded: models go again.
            spare_the_collector()
            process.start()
        except Exception:
            # Celery would swallow it, and the worker would take messages that it cannot run.
            log.exception("the %s worker cannot start", self._role)
            raise SystemExit(1) from None
        self._process = process

    def _watch(self, **_: Any) -> None:
        # Not before: until Celery consumes, messages wait for good reason.
        if self._process:
            self._process.watchdog.start()

    def _stop(self, **_: Any) -> None:
        # Called from a signal handler: work that can stop gives its units back.
        if self._process:
            self._process.runner.keeper.stop()

    def _logs(self, **_: Any) -> None:
        setup_logging(self._role, self._log_format)
