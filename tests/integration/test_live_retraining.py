"""A schedule replaces a bad champion while pictures are sent: a real import, training, gate and swap."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support import pictures
from tests.support.loupe import RunningLoupe
from tests.support.plain_shapes import LABELS, plain_shape
from tests.support.traffic import Traffic

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow]

MODEL = "drawn"
GOOD: dict[str, Any] = {"epochs": 8}
# So slow a learner has learned nothing after its only epoch.
BAD: dict[str, Any] = {"epochs": 1, "learning_rate": 1e-6}
FIRINGS = 2


def draw(folder: Path, count: int, seed: int) -> None:
    """Adds fresh pictures of each shape to a folder of its class."""
    rng = np.random.default_rng(seed)
    for label in LABELS:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture = pictures.encode(".png", plain_shape(label, rng))
            (folder / label / f"{seed}-{number}.png").write_bytes(picture)


def bad_champion(loupe: RunningLoupe, folder: Path) -> None:
    """Imports the first pictures, and has a model answer that learned nothing of them."""
    draw(folder, 60, seed=0)
    source = {"type": "directory", "path": folder.name}
    imported = loupe.post("/api/v1/datasets", json={"name": MODEL, "source": source}).json()
    assert loupe.wait_job(imported["id"])["status"] == "succeeded"
    asked = {"dataset": MODEL, "recipe": "shapes", "model": MODEL, "params": BAD, "promote": "always"}
    trained = loupe.wait_job(loupe.post("/api/v1/trainings", json=asked).json()["id"], 120)
    assert trained["result"]["promoted"], trained


def retrained(loupe: RunningLoupe, folder: Path, *, requests: int, cron: str | None = None) -> Traffic:
    """Sends pictures until a schedule has replaced the champion, and at least `requests`; returns what was answered.

    Args:
        cron: when it fires; None runs it by hand, as often as it may fire.
    """
    rng = np.random.default_rng(99)
    sent = [pictures.encode(".png", plain_shape(LABELS[n % 4], rng)) for n in range(64)]
    training = {"dataset": MODEL, "recipe": "shapes", "model": MODEL, "params": GOOD}
    schedule = {"name": MODEL, "cron": cron or "0 0 1 1 *", "training": training}
    with Traffic(loupe, MODEL, sent, pause_s=0.05) as traffic:
        traffic.wait_more(20)
        for firing in range(1, FIRINGS + 1):
            draw(folder, 60, seed=firing)
            if firing == 1:
                assert loupe.post("/api/v1/schedules", json=schedule).status_code == 201
            if cron is None:
                assert loupe.post(f"/api/v1/schedules/{MODEL}/run").status_code == 202
            traffic.wait(partial(has_run, loupe, firing), 240, f"the end of run {firing}")
            if loupe.get(f"/api/v1/models/{MODEL}").json()["served_version"] != 1:
                break
        traffic.wait(lambda: set(traffic.versions) > {1}, 10, "an answer of another version")
        traffic.wait_more(max(20, requests - len(traffic.answers)), 300)
    return traffic


def has_run(loupe: RunningLoupe, times: int) -> bool:
    """Tells whether so many runs of the schedule have ended."""
    runs = loupe.get(f"/api/v1/schedules/{MODEL}").json()["runs"]
    return sum(run["outcome"] is not None for run in runs) >= times


@pytest.mark.timeout(600)
def test_a_better_version_goes_live_and_no_picture_is_lost(loupe: RunningLoupe) -> None:
    folder = loupe.data_dir / "import" / MODEL
    bad_champion(loupe, folder)
    traffic = retrained(loupe, folder, requests=300)
    assert loupe.request("DELETE", f"/api/v1/schedules/{MODEL}").status_code == 204
    assert not traffic.troubles
    assert len(traffic.answers) >= 300
    # Each names the version that answered it: the champion, and then the better one.
    assert set(traffic.versions) == {1, 2}
    gate = loupe.get(f"/api/v1/models/{MODEL}/versions/2").json()["gate"]
    assert gate["passed"]
    assert gate["accuracy"] > gate["champion_accuracy"]
