"""Loupe's jobs as a client sees them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.support.load import Target
from tests.support.loupe import RunningLoupe

POLL_S = 0.05
FINAL = {"succeeded", "failed", "canceled"}
Json = dict[str, Any]


def single_target(loupe: RunningLoupe) -> Target:
    """Returns the requests of single jobs that wait for their answer."""
    headers = {"Prefer": "wait=30"}
    return Target(loupe.port, "/api/v1/classifications", lambda url: {"url": url}, b'"succeeded"', headers)


def start_list(loupe: RunningLoupe, urls: Sequence[str]) -> str:
    """Creates a list job and returns its id."""
    answer = loupe.post("/api/v1/classifications", json={"urls": list(urls)})
    if answer.status_code != 202:
        raise RuntimeError(f"expected a list job, received {answer.status_code}: {answer.text[:500]}")
    return str(answer.json()["id"])


def wait_for(loupe: RunningLoupe, job_id: str, reached: Callable[[Json], bool], timeout_s: float) -> Json:
    """Returns a job once it is as `reached` wants it.

    Raises:
        RuntimeError: it is not in time.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        job: Json = loupe.get(f"/api/v1/jobs/{job_id}").json()
        if reached(job):
            return job
        if time.monotonic() > deadline:
            raise RuntimeError(f"the job did not come so far within {timeout_s:g} s: {job['status']} {job['progress']}")
        time.sleep(POLL_S)


def wait_end(loupe: RunningLoupe, job_id: str, timeout_s: float) -> Json:
    """Returns a job at its end; otherwise as `wait_for`."""
    return wait_for(loupe, job_id, lambda job: job["status"] in FINAL, timeout_s)


def run_list(loupe: RunningLoupe, urls: Sequence[str], timeout_s: float) -> float:
    """Classifies a list without failures and returns the seconds from its request to its end.

    Raises:
        RuntimeError: an item failed, or the job has not ended in time.
    """
    started = time.perf_counter()
    job = wait_end(loupe, start_list(loupe, urls), timeout_s)
    seconds = time.perf_counter() - started
    if job["result"] is None or job["result"]["succeeded"] != len(urls):
        raise RuntimeError(f"expected {len(urls)} answers, received {job['result']} {job['error']}")
    return seconds
