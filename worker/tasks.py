"""The workers' Celery tasks: thin, each takes a unit's id and runs the plain work."""

from __future__ import annotations

from celery import Celery

from shared.celery_app import make_celery
from shared.celery_worker import CeleryWorker
from shared.jobs.model import Queue
from shared.settings import load_settings
from worker.process import WorkerProcess


def make_worker() -> Celery:
    """Builds the app. The models, threads and connections are made when its worker starts, not here."""
    settings = load_settings()
    app = make_celery(settings)
    worker = CeleryWorker(app, lambda role: WorkerProcess(settings, role), settings.log_format)
    worker.task(Queue.CLASSIFY, lambda process, unit: process.singles.take(unit))
    worker.task(Queue.BATCH, lambda process, unit: process.chunks.take(unit))
    return app
