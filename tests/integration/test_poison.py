"""A picture that harms its worker ends alone, after three attempts at most: real processes that really die."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support import pictures
from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin, serve
from tests.support.poisoned_app import POISONS

PICTURE = pictures.encode(".png", pictures.photo())
# One that dies and one that has to be ended; `--fuzz 2` takes all five.
EVERYDAY = {b"poison: segfaults", b"poison: never ends"}

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.timeout(400, func_only=True)]


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLoupe]:
    folder = tmp_path_factory.mktemp("poisoned") / "var"
    with RunningLoupe(folder, launcher="tests.support.poisoned") as running:
        running.wait_ready(150)
        yield running


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        server.on("/good", serve(PICTURE))
        for number, mark in enumerate(POISONS):
            server.on(f"/poison-{number}", serve(PICTURE + mark))
        yield server


def test_poison_is_given_up_at_the_third_attempt_and_the_rest_of_its_list_succeeds(
    poisoned: RunningLoupe, origin: Origin, fuzz: int
) -> None:
    # Given a list of 100 with one picture of each poison, all in one chunk, which is lost with each of them
    chosen = [number for number, mark in enumerate(POISONS) if fuzz > 1 or mark in EVERYDAY]
    places = {5 + 9 * number: f"/poison-{number}" for number in chosen}
    urls = [origin.url(places.get(index, f"/good?{index}")) for index in range(100)]
    # When it has ended
    job = poisoned.post("/api/v1/classifications", json={"urls": urls}).json()
    ended = poisoned.wait_job(job["id"], 380)
    # Then all others succeeded, and each of these was tried three times and no more
    items = poisoned.get(f"/api/v1/jobs/{job['id']}/results", params={"limit": 1000}).json()["items"]
    failed = {item["index"]: item["error"]["code"] for item in items if item["status"] == "failed"}
    assert failed == dict.fromkeys(places, "worker_lost")
    assert (ended["status"], ended["attempt"]) == ("succeeded", 3)
    assert ended["progress"] == {"done": 100, "failed": len(places), "total": 100}
    tried = {path: hits for path, hits in origin.hits().items() if path in places.values()}
    assert len(tried) == len(places)
    assert max(tried.values()) <= 3
    log = poisoned.log.read_text()
    assert "never ends" in log
    assert fuzz == 1 or "GiB, more than" in log


def test_a_worker_that_lives_and_takes_nothing_is_started_anew(poisoned: RunningLoupe, origin: Origin) -> None:
    # Given a worker whose consumer hangs, while its heartbeats go on
    hung = poisoned.pid("single@")
    os.kill(hung, signal.SIGUSR2)
    # When a picture waits for it
    job = poisoned.classify(json={"url": origin.url("/good")}, wait_s=60)
    # Then another process answers
    assert job["status"] == "succeeded"
    assert poisoned.pid("single@") != hung
