"""Celery's apps: what Flower is told of the queues."""

from __future__ import annotations

from shared.flower_app import app
from shared.jobs.model import Queue


def test_flower_knows_every_queue_and_the_prefix_of_its_key() -> None:
    assert {queue.name for queue in app.conf.task_queues} == set(Queue)
    assert app.conf.broker_transport_options["global_keyprefix"] == "loupe:"
