"""Trainings as the parent process sees them: real child processes, toy-sized."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from shared.errors import DatasetNotFound, SourceNotFound, VersionExists
from shared.registry import Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from tests.support.trainings import toy_spec
from trainer.children.listen import ChildStopped
from trainer.training import TrainingResult, TrainingSpec, run_training

LONG = {"epochs": 1000, "batch_size": 8}


def train(spec: TrainingSpec) -> TrainingResult:
    return run_training(spec, on_event=lambda _: None, wish=lambda: "")


def test_a_version_that_this_job_published_is_its_result(tmp_path: Path) -> None:
    spec = toy_spec(tmp_path)
    registry = Registry(Storage(spec.storage_url))
    manifest = registry.publish(toy_manifest("toy", 1).model_copy(update={"job_id": spec.job_id}), {})
    assert train(spec) == TrainingResult.of(manifest)
    with pytest.raises(VersionExists, match="published by the job"):
        train(spec.model_copy(update={"job_id": "another job"}))


def test_weights_that_are_missing_are_said_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match=r"params\.weights"):
        train(toy_spec(tmp_path, recipe="transfer"))


@pytest.mark.tensorflow
def test_a_training_that_is_told_to_stop_does_so_soon_and_publishes_nothing(tmp_path: Path) -> None:
    told: list[float] = []

    def on_event(event: dict[str, Any]) -> None:
        if event.get("phase") == "training" and not told:
            told.append(time.monotonic())

    spec = toy_spec(tmp_path, params=LONG)
    with pytest.raises(ChildStopped):
        run_training(spec, on_event=on_event, wish=lambda: "stop" if told else "")
    # One step, its compilation included, on a machine that may be busy.
    assert time.monotonic() - told[0] < 30
    assert Registry(Storage(spec.storage_url)).names() == []


@pytest.mark.tensorflow
def test_a_training_that_is_told_to_keep_publishes_its_best_weights_so_far(tmp_path: Path) -> None:
    heard: list[dict[str, Any]] = []
    spec = toy_spec(tmp_path, params=LONG)
    result = run_training(
        spec, on_event=heard.append, wish=lambda: "keep" if len(heard[-1:] and heard[-1].get("history", ())) else ""
    )
    assert (result.model.name, result.model.version) == ("toy", 1)
    registry = Registry(Storage(spec.storage_url))
    registry.verify("toy", 1)
    assert b'"epoch": 1,' in registry.file("toy", 1, "history.json")
    progress = [event for event in heard if event["event"] == "progress"]
    assert len(progress[-1]["history"]) < 1000
    # Samples are drawn of pictures that may be large.
    assert any(event.get("reason") == "decoding a picture" for event in heard)
    assert Storage(spec.storage_url).names(f"jobs/{spec.job_id}") == []


@pytest.mark.tensorflow
def test_a_dataset_that_was_deleted_is_said_in_words(tmp_path: Path) -> None:
    spec = toy_spec(tmp_path)
    Storage(spec.storage_url).delete("datasets/pets")
    with pytest.raises(DatasetNotFound, match="no dataset named 'pets'"):
        train(spec)
