"""What every Celery worker does at its start."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from threading import Thread

import pytest
from celery.signals import worker_init

from shared.celery_app import make_celery
from shared.celery_worker import CeleryWorker
from shared.jobs.runner import Runner
from shared.settings import Settings
from shared.watchdog import Watchdog


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_a_process_starts_with_what_is_loaded_kept_from_the_collector_and_interrupts_nobody() -> None:
    seen: list[tuple[bool, bool]] = []

    class Process:
        runner: Runner
        watchdog: Watchdog

        def start(self) -> None:
            batch = sys.platform != "linux" or os.sched_getscheduler(0) == os.SCHED_BATCH
            seen.append((gc.get_freeze_count() > len(gc.get_objects()), batch))

    worker = CeleryWorker(make_celery(Settings()), lambda _: Process(), "text")
    # In a thread of its own: this one, and all that it starts, go on as before.
    thread = Thread(target=worker_init.send, args=(worker,))
    thread.start()
    thread.join()
    assert seen == [(True, True)]
