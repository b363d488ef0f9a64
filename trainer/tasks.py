"""The trainer's Celery task: thin, takes a unit's id and runs the plain work."""

from __future__ import annotations

from celery import Celery

from shared.celery_app import make_celery
from shared.celery_worker import CeleryWorker
from shared.jobs.model import Queue
from shared.settings import load_settings
from trainer.process import TrainerProcess


def make_trainer() -> Celery:
    """Builds the app. Its connections are made when its worker starts, not here."""
    settings = load_settings()
    app = make_celery(settings)
    trainer = CeleryWorker(app, lambda role: TrainerProcess(settings, role), settings.log_format)
    trainer.task(Queue.TRAIN, lambda process, unit: process.runner.run(unit, process.work))
    return app
