"""The workers' Celery tasks: thin, each takes a unit's id and calls the plain work."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from celery.signals import setup_logging as celery_setup_logging
from celery.signals import worker_init, worker_shutting_down

from shared.celery_app import make_celery
from shared.jobs.model import Queue
from shared.logs import setup_logging, unit_id
from shared.settings import Settings, load_settings
from worker.process import WorkerProcess

log = logging.getLogger(__name__)


def make_worker() -> Celery:
    """Builds the app. The process's model, threads and connections are made when its worker starts, not here."""
    settings = load_settings()
    app = make_celery(settings)
    holder: list[WorkerProcess] = []
    _add_tasks(app, holder)
    _follow_worker(app, settings, holder)
    return app


def _add_tasks(app: Celery, holder: list[WorkerProcess]) -> None:
    # Acknowledged on arrival and never retried by Celery: the lease is the one recovery (DESIGN.md, "Jobs never lie").
    @app.task(name=Queue.CLASSIFY.value)  # type: ignore[untyped-decorator]
    def classify(unit: str) -> None:
        unit_id.set(unit)
        process = holder[0]
        process.runner.run(unit, process.single, process.single.forget)

    @app.task(name=Queue.BATCH.value)  # type: ignore[untyped-decorator]
    def batch(unit: str) -> None:
        unit_id.set(unit)
        process = holder[0]
        process.runner.run(unit, process.chunk, process.chunk.forget)


def _follow_worker(app: Celery, settings: Settings, holder: list[WorkerProcess]) -> None:
    @worker_init.connect(weak=False)  # type: ignore[untyped-decorator]
    def start(sender: Any, **_: Any) -> None:
        role = str(sender.hostname).partition("@")[0]
        holder.append(WorkerProcess(settings, app, role))
        holder[0].start()

    @worker_shutting_down.connect(weak=False)  # type: ignore[untyped-decorator]
    def stop(**_: Any) -> None:
        if holder:
            holder[0].runner.keeper.stop()

    @celery_setup_logging.connect(weak=False)  # type: ignore[untyped-decorator]
    def logs(**_: Any) -> None:
        setup_logging("worker")
