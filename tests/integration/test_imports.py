"""Imports through all of Loupe: over HTTP, by the trainer, into the storage."""

from __future__ import annotations

import io

import pytest

from tests.support.archives import PETS, tarred
from tests.support.imports import fill
from tests.support.loupe import Json, RunningLoupe

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow]

DATASETS = "/api/v1/datasets"
NOW = {"Prefer": "wait=60"}


def ended(loupe: RunningLoupe, **options: object) -> Json:
    """Posts an import and returns its job at its end."""
    answer = loupe.post(DATASETS, headers=NOW, **options)
    assert answer.status_code in {200, 202}, answer.text
    return loupe.wait_job(answer.json()["id"])


def test_the_built_in_dataset_is_listed_like_any_other(loupe: RunningLoupe) -> None:
    shapes = loupe.get(f"{DATASETS}/shapes").json()
    assert shapes["classes"] == ["circle", "square", "star", "triangle"]
    assert (shapes["train"], shapes["test"]) == (1600, 400)
    assert shapes["name"] in [item["name"] for item in loupe.get(DATASETS).json()["items"]]
    trained = loupe.get("/api/v1/models/shapes/versions/1").json()
    assert trained["dataset"] == {"name": "shapes", "version": shapes["version"]}


def test_a_folder_becomes_a_version_with_a_report(loupe: RunningLoupe) -> None:
    fill(loupe.data_dir / "import" / "pets", {"cat": 10, "dog": 10})
    source = {"type": "directory", "path": "pets"}

    first = ended(loupe, json={"name": "pets", "source": source})
    again = ended(loupe, json={"name": "pets", "source": source})

    assert (first["status"], first["kind"]) == ("succeeded", "import")
    assert {name: first["progress"][name] for name in ("done", "failed", "total")} == {
        "done": 20,
        "failed": 0,
        "total": 20,
    }
    assert (first["result"]["created"], again["result"]["created"]) == (True, False)
    version = f"{DATASETS}/pets/versions/{first['result']['dataset']['version']}"
    shown = loupe.get(version).json()
    assert shown["report"] == first["result"]["report"]
    assert loupe.get(shown["links"]["samples.webp"]).content.startswith(b"RIFF")
    assert loupe.get(shown["links"]["balance.png"]).content.startswith(b"\x89PNG")
    assert loupe.request("DELETE", f"{DATASETS}/pets").status_code == 204
    assert loupe.get(version).json()["code"] == "dataset_not_found"


def test_an_archive_becomes_a_version(loupe: RunningLoupe) -> None:
    files = {"archive": ("pets.tar.gz", io.BytesIO(tarred(PETS)))}
    job = ended(loupe, data={"name": "packed", "test_fraction": "0.5"}, files=files)
    assert job["status"] == "succeeded", job
    assert job["result"]["report"]["counts"] == {"cat": {"train": 2, "test": 2}, "dog": {"train": 2, "test": 2}}
    assert loupe.get(f"{DATASETS}/packed").json()["source"] == {"type": "archive", "filename": "pets.tar.gz"}


def test_what_is_not_there_fails_the_job_and_what_leads_out_the_request(loupe: RunningLoupe) -> None:
    job = ended(loupe, json={"name": "none", "source": {"type": "directory", "path": "nowhere"}})
    assert (job["status"], job["error"]["code"]) == ("failed", "source_not_found")
    answer = loupe.post(DATASETS, json={"name": "none", "source": {"type": "directory", "path": "../storage"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "path_not_allowed")
    assert loupe.get(f"{DATASETS}/none").status_code == 404
