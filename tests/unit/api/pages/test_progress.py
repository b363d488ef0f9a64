"""How far, how fast, how long."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages.progress import progress_of
from shared.jobs.model import Job, Kind, Status


def job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "id": "x",
        "kind": Kind.CLASSIFICATION,
        "single": False,
        "status": Status.RUNNING,
        "created_at": 90.0,
        "started_at": 100.0,
        "finished_at": None,
        "attempt": 1,
        "progress": {"done": 50, "failed": 5, "total": 200},
        "result": None,
        "error": None,
        "spec": {},
    }
    return Job(**(fields | changes))


def test_the_rate_says_how_long_it_will_take() -> None:
    progress = progress_of(job(), 110.0)
    assert (progress.rate, progress.left_s) == (5.0, 30.0)
    assert (progress.good_width, progress.failed_width) == (22.5, 2.5)
    assert (progress.share, progress.spoken) == (0.25, 20)


def test_what_a_training_says_of_its_own_end_goes_before_the_rate() -> None:
    told = {"done": 50, "failed": 0, "total": 200, "eta_s": 7.5}
    assert progress_of(job(progress=told), 110.0).left_s == 7.5


def test_nothing_is_promised_before_anything_is_done() -> None:
    progress = progress_of(job(status=Status.QUEUED, started_at=None, progress={"done": 0, "total": 0}), 110.0)
    assert (progress.rate, progress.left_s, progress.share, progress.good_width) == (None, None, 0.0, 0.0)


def test_an_ended_job_has_nothing_left() -> None:
    done = {"done": 200, "failed": 0, "total": 200}
    progress = progress_of(job(status=Status.SUCCEEDED, finished_at=120.0, progress=done), 999.0)
    assert progress.rate == pytest.approx(10.0)
    assert progress.left_s is None
