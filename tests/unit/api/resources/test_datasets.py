from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.jobs.model import Kind, Outcome, Status
from tests.support.api_world import ApiWorld
from tests.support.archives import PETS, tarred, zipped
from tests.support.toy_datasets import toy_report
from tests.support.toy_versions import toy_version

DATASETS = "/api/v1/datasets"
DIRECTORY = {"type": "directory", "path": "pets"}


def post(api: ApiWorld, **body: Any) -> TestResponse:
    return api.post(DATASETS, json={"name": "pets", "source": DIRECTORY} | body)


def upload(api: ApiWorld, data: bytes, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
    form = {"name": "pets", "archive": (io.BytesIO(data), "pets.zip")} | fields
    return api.post(DATASETS, data=form, content_type="multipart/form-data", headers=headers or {})


def code(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def test_an_import_is_a_job(api: ApiWorld) -> None:
    answer = post(api, seed=7)

    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["kind"], answer.json["status"], answer.json["single"]) == ("import", "queued", False)
    assert answer.json["progress"] == {"done": 0, "failed": 0, "total": 0}
    assert answer.json["links"]["results"] is None
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json['id']}"
    job = api.services.jobs.get(answer.json["id"])
    assert job.spec == {"name": "pets", "source": DIRECTORY, "test_fraction": 0.2, "seed": 7}
    claim = api.units.claim(f"{job.id}:0", "token")
    assert claim is not None
    assert claim.kind is Kind.IMPORT


def test_a_path_that_leads_out_is_refused_at_once(api: ApiWorld, tmp_path: Path) -> None:
    folder = api.settings.import_dir
    folder.mkdir(parents=True)
    (folder / "out").symlink_to(tmp_path)
    for path in ("/etc", "../x", "a/../b", "out"):
        answer = post(api, source={"type": "directory", "path": path})
        assert code(answer) == (422, "path_not_allowed")
        assert answer.json is not None
        assert [error["field"] for error in answer.json["errors"]] == ["source.path"]
    answer = post(api, source=DIRECTORY | {"test": {"type": "urls", "path": "/list.csv"}})
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == ["source.test.path"]
    assert api.services.jobs.page(kind=Kind.IMPORT).jobs == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "Pets"}, ["name"]),
        ({"test_fraction": 1}, ["test_fraction"]),
        ({"source": {"type": "directory"}}, ["source.path"]),
        ({"source": {"type": "elsewhere"}}, ["source"]),
        ({"splits": 3}, ["splits"]),
    ],
)
def test_wrong_fields_are_named(api: ApiWorld, body: dict[str, Any], fields: list[str]) -> None:
    answer = post(api, **body)
    assert code(answer) == (422, "invalid_request")
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == fields


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_is_stored_for_its_job(api: ApiWorld, pack: Any) -> None:
    data = pack(PETS)
    answer = upload(api, data, test_fraction="0.3", seed="4")

    assert answer.status_code == 202
    assert answer.json is not None
    job = api.services.jobs.get(answer.json["id"])
    assert job.spec["source"] == {"type": "archive", "upload": f"jobs/{job.id}/uploads/0", "filename": "pets.zip"}
    assert (job.spec["test_fraction"], job.spec["seed"]) == (0.3, 4)
    assert api.services.storage.read_bytes(job.spec["source"]["upload"]) == data


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"archive": (io.BytesIO(b"Rar!"), "pets.rar")}, ["archive"]),
        ({"archive": "no file"}, ["archive"]),
        ({"file": (io.BytesIO(b"PK\x03\x04"), "pets.zip")}, ["file"]),
        ({"name": "No"}, ["name"]),
        ({"seed": "x"}, ["seed"]),
        ({"source": "directory"}, ["source"]),
    ],
)
def test_a_wrong_form_is_refused_and_nothing_is_stored(api: ApiWorld, fields: dict[str, Any], wrong: list[str]) -> None:
    answer = upload(api, zipped(PETS), **fields)
    assert code(answer) == (422, "invalid_request")
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == wrong
    assert api.services.storage.names("jobs") == []


def test_other_bodies_are_not_taken(api: ApiWorld) -> None:
    assert code(api.post(DATASETS, data="x", content_type="text/csv")) == (415, "unsupported_media_type")
    assert code(api.post(DATASETS, data="{", content_type="application/json")) == (400, "bad_json")


def test_the_same_key_is_the_same_import(api: ApiWorld) -> None:
    headers = {"Idempotency-Key": "one"}
    first = api.post(DATASETS, json={"name": "pets", "source": DIRECTORY}, headers=headers)
    again = api.post(DATASETS, json={"source": DIRECTORY, "name": "pets", "seed": 0}, headers=headers)
    other = api.post(DATASETS, json={"name": "pets", "source": DIRECTORY, "seed": 1}, headers=headers)

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json is not None
    assert again.json is not None
    assert first.json["id"] == again.json["id"]
    assert code(other) == (422, "idempotency_mismatch")


def test_the_same_archive_with_the_same_key_is_the_same_import(api: ApiWorld) -> None:
    headers = {"Idempotency-Key": "two"}
    first, again = (upload(api, zipped(PETS), headers) for _ in range(2))
    other = upload(api, tarred(PETS), headers)

    assert (first.status_code, again.status_code) == (202, 200)
    assert code(other) == (422, "idempotency_mismatch")
    assert len(api.services.storage.names("jobs")) == 1


def test_datasets_are_listed_by_name(api: ApiWorld) -> None:
    for name in ("pets", "cars", "fruit"):
        toy_version(api.services.storage, name)
    first = api.get(f"{DATASETS}?limit=2").json
    assert first is not None
    assert [item["name"] for item in first["items"]] == ["cars", "fruit"]
    second = api.get(f"{DATASETS}?limit=2&cursor={first['next_cursor']}").json
    assert second is not None
    assert [item["name"] for item in second["items"]] == ["pets"]
    assert second["next_cursor"] is None
    assert code(api.get(f"{DATASETS}?name=x")) == (422, "invalid_request")


def test_a_dataset_shows_its_newest_version_and_all_others(api: ApiWorld) -> None:
    storage = api.services.storage
    first = toy_version(storage, "pets")
    second = toy_version(storage, "pets", {"cat": 25, "dog": 20})

    shown = api.get(f"{DATASETS}/pets").json

    assert shown is not None
    assert shown["version"] == second.version
    assert shown["classes"] == ["cat", "dog"]
    assert (shown["train"], shown["test"]) == (36, 9)
    assert [version["version"] for version in shown["versions"]] == [first.version, second.version]
    assert shown["imported_at"].endswith("Z")
    assert api.get(shown["links"]["self"]).status_code == 200
    assert code(api.get(f"{DATASETS}/dogs")) == (404, "dataset_not_found")
    assert code(api.get(f"{DATASETS}/NOT-A-NAME")) == (404, "dataset_not_found")


def test_a_version_shows_its_report_and_its_files(api: ApiWorld) -> None:
    manifest = toy_version(api.services.storage, "pets", report=toy_report(duplicates=3))
    path = f"{DATASETS}/pets/versions/{manifest.version}"

    shown = api.get(path).json

    assert shown is not None
    assert (shown["name"], shown["version"], shown["counts"]["cat"]) == (
        "pets",
        manifest.version,
        {"train": 16, "test": 4},
    )
    assert shown["report"]["duplicates"] == 3
    assert set(shown["links"]) == {"manifest.json", "index.npz", "items.ndjson", "report.json"}
    for link in shown["links"].values():
        answer = api.get(link)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Disposition"].startswith("attachment")
    # What holds the pictures is not handed out as it lies, and so it is not listed.
    assert code(api.get(f"{path}/files/pack-000.bin")) == (404, "file_not_found")
    assert sorted(shown["links"]) == sorted(["manifest.json", *shown["files"]])
    assert code(api.get(f"{path}/files/nothing")) == (404, "file_not_found")
    assert code(api.get(f"{DATASETS}/pets/versions/{'0' * 12}")) == (404, "version_not_found")
    assert code(api.get(f"{DATASETS}/pets/versions/x/files/report.json")) == (404, "version_not_found")


def test_a_damaged_file_is_not_handed_out(api: ApiWorld) -> None:
    manifest = toy_version(api.services.storage, "pets")
    api.services.storage.write_bytes(f"datasets/pets/{manifest.version}/report.json", b"{}  ")
    assert code(api.get(f"{DATASETS}/pets/versions/{manifest.version}/files/report.json")) == (409, "version_corrupt")


def test_a_dataset_is_deleted_with_all_its_versions(api: ApiWorld) -> None:
    toy_version(api.services.storage, "pets")
    toy_version(api.services.storage, "pets", {"cat": 25, "dog": 20})

    assert api.open("DELETE", f"{DATASETS}/pets").status_code == 204
    assert api.services.storage.names("datasets/pets") == []
    assert code(api.get(f"{DATASETS}/pets")) == (404, "dataset_not_found")
    assert code(api.open("DELETE", f"{DATASETS}/pets")) == (404, "dataset_not_found")


def test_a_dataset_that_unfinished_work_needs_is_not_deleted(api: ApiWorld) -> None:
    toy_version(api.services.storage, "pets")
    toy_version(api.services.storage, "cars")
    answer = post(api)
    assert answer.json is not None
    job_id = answer.json["id"]

    refused = api.open("DELETE", f"{DATASETS}/pets")
    assert code(refused) == (409, "in_use")
    assert job_id in refused.text
    assert api.open("DELETE", f"{DATASETS}/cars").status_code == 204
    claim = api.units.claim(f"{job_id}:0", "token")
    assert claim is not None
    assert code(api.open("DELETE", f"{DATASETS}/pets")) == (409, "in_use")
    api.units.finish(claim.unit_id, claim.attempt, Outcome(status=Status.FAILED, error={"code": "x", "message": "x"}))
    assert api.open("DELETE", f"{DATASETS}/pets").status_code == 204


@pytest.mark.parametrize("dataset", [{"name": "pets", "version": "3f2a00000000"}, "pets", "pets@3f2a00000000"])
def test_a_training_needs_its_dataset(api: ApiWorld, dataset: Any) -> None:
    toy_version(api.services.storage, "pets")
    api.training(spec={"dataset": dataset})
    assert code(api.open("DELETE", f"{DATASETS}/pets")) == (409, "in_use")


def test_what_lies_beside_the_datasets_or_is_damaged_hides_no_others(api: ApiWorld) -> None:
    storage = api.services.storage
    whole = toy_version(storage, "cars")
    toy_version(storage, "pets")
    lost = toy_version(storage, "birds")
    old = toy_version(storage, "cars", {"cat": 25, "dog": 20})
    storage.write_bytes("datasets/lost+found/file", b"x")
    storage.write_bytes("datasets/notes.txt", b"x")
    storage.write_bytes("datasets/notes", b"x")
    storage.write_bytes("datasets/pets/newest.json", b"damaged")
    storage.delete(f"datasets/birds/{lost.version}")
    storage.write_bytes(f"datasets/cars/{whole.version}/manifest.json", b"damaged")

    page = api.get(DATASETS).json
    assert page is not None
    assert [dataset["name"] for dataset in page["items"]] == ["cars"]
    assert [version["version"] for version in page["items"][0]["versions"]] == [old.version]
    for path in ("/datasets", "/datasets/cars", "/train", "/train/elsewhere"):
        assert api.get(path).status_code == 200, path
    # A damaged one is named as such, and can be deleted.
    assert code(api.get(f"{DATASETS}/pets")) == (409, "version_corrupt")
    for name in ("pets", "birds"):
        assert api.open("DELETE", f"{DATASETS}/{name}").status_code == 204
        assert storage.names(f"datasets/{name}") == []
    assert code(api.open("DELETE", f"{DATASETS}/notes")) == (404, "dataset_not_found")
