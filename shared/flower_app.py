"""Celery's app for Flower: `celery -A shared.flower_app flower`. Loupe's workers answer no remote control."""

from typing import Any

import kombu

from shared.celery_app import make_celery
from shared.jobs.model import Queue
from shared.settings import load_settings

app = make_celery(load_settings())
# Nobody else tells Flower which there are. Kombu has no types.
_celery: Any = kombu
app.conf.task_queues = [_celery.Queue(queue.value) for queue in Queue]
