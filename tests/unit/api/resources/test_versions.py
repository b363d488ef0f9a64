from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.jobs.model import Json
from tests.support.api_world import ApiWorld
from tests.support.toy_versions import toy_version

PATH = "/api/v1/models/mine/versions"
INPUT = {"width": 24, "height": 24, "color": "rgb", "scale": "0..1"}


def ask(api: ApiWorld, *, headers: dict[str, str] | None = None, to: str = PATH, **changes: Any) -> TestResponse:
    """Asks for a model to be taken in; `changes` are fields of the request."""
    body = {"path": "mine.keras", "labels": ["dog", "cat"], "input": INPUT, "dataset": "pets"} | changes
    return api.post(to, json=body, headers=headers)


def field_errors(answer: TestResponse) -> Json:
    """Returns what is said of each field."""
    assert answer.json is not None
    return {error["field"]: error["message"] for error in answer.json.get("errors", [])}


def test_a_model_from_elsewhere_is_a_job_of_kind_import(api: ApiWorld) -> None:
    dataset = toy_version(api.services.storage)

    answer = ask(api, promote="never", gate={"min_accuracy": 0.5})

    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["kind"], answer.json["status"]) == ("import", "queued")
    assert api.redis.llen("loupe:train") == 1
    spec = api.services.jobs.get(answer.json["id"]).spec
    assert spec["model"] == {"name": "mine"}
    assert spec["dataset"] == {"name": "pets", "version": dataset.version}
    assert spec["input"] == INPUT | {"resize": "stretch", "interpolation": "area"}
    assert spec["gate"] == {"min_gain": 0.0, "max_class_drop": 0.02, "min_accuracy": 0.5}
    assert (spec["path"], spec["labels"], spec["promote"]) == ("mine.keras", ["dog", "cat"], "never")


@pytest.mark.parametrize(
    "path",
    ["/etc/mine.keras", "../mine.keras", "models/../../mine.keras", "a\0b.keras", "out/mine.keras", "out.keras"],
)
def test_a_path_that_leaves_the_import_folder_is_refused(api: ApiWorld, path: str, tmp_path: Path) -> None:
    toy_version(api.services.storage)
    folder = api.services.settings.import_dir
    folder.mkdir(parents=True, exist_ok=True)
    (tmp_path / "secret.keras").write_bytes(b"")
    (folder / "out").symlink_to(tmp_path)
    (folder / "out.keras").symlink_to(tmp_path / "secret.keras")

    answer = ask(api, path=path)

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "path_not_allowed")
    assert "path" in field_errors(answer)
    assert api.redis.llen("loupe:train") == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("path", "mine.h5"),
        ("path", "mine.keras.zip"),
        ("path", ""),
        ("labels", ["cat"]),
        ("labels", ["cat", "cat"]),
        ("labels", ["cat", ""]),
        ("labels", ["cat", "cow"]),
        ("labels", ["cat", "dog", "cow"]),
        ("labels", "cat,dog"),
        ("dataset", "../pets"),
        ("promote", "maybe"),
        ("gate.min_gain", {"min_gain": -1}),
        ("gate.max_drop", {"max_drop": 0.1}),
        ("input.width", INPUT | {"width": 0}),
        ("input.width", INPUT | {"width": 100_000}),
        ("input.color", INPUT | {"color": "cmyk"}),
        ("input.mean", INPUT | {"mean": 0.5}),
        ("surprise", 1),
    ],
)
def test_a_wrong_field_is_named(api: ApiWorld, field: str, value: Any) -> None:
    toy_version(api.services.storage)
    body = {"path": "mine.keras", "labels": ["dog", "cat"], "input": INPUT, "dataset": "pets"}

    answer = api.post(PATH, json=body | {field.partition(".")[0]: value})

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_request")
    assert any(name == field or name.startswith(f"{field}.") for name in field_errors(answer)), answer.json


def test_the_labels_may_stand_in_any_order_but_have_to_be_the_datasets(api: ApiWorld) -> None:
    toy_version(api.services.storage)
    message = field_errors(ask(api, labels=["cat", "wolf"]))["labels"]
    assert "missing: dog" in message
    assert "not a class of it: wolf" in message


@pytest.mark.parametrize(
    ("to", "dataset", "code"),
    [
        (PATH, "birds", "dataset_not_found"),
        (PATH, "pets@0123456789ab", "version_not_found"),
        ("/api/v1/models/No-Name/versions", "pets", "model_not_found"),
    ],
)
def test_what_is_not_there_is_a_404(api: ApiWorld, to: str, dataset: str, code: str) -> None:
    toy_version(api.services.storage)
    answer = ask(api, to=to, dataset=dataset)
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (404, code)


def test_the_same_request_with_the_same_key_is_one_job(api: ApiWorld) -> None:
    toy_version(api.services.storage)
    key = {"Idempotency-Key": "once"}
    first, second = ask(api, headers=key), ask(api, headers=key)
    other = ask(api, headers=key, promote="always")

    assert first.json is not None
    assert second.json is not None
    assert (first.status_code, second.status_code, other.status_code) == (202, 200, 422)
    assert first.json["id"] == second.json["id"]
    assert api.redis.llen("loupe:train") == 1


@pytest.mark.parametrize("version", ["0", "2", "9" * 10, "9" * 300, "9" * 4000])
@pytest.mark.parametrize("path", ["", "/files/model.keras", "/compare?beside=1"])
def test_a_version_that_cannot_be_is_not_there(api: ApiWorld, version: str, path: str) -> None:
    answer = api.get(f"/api/v1/models/pets/versions/{version}{path}")

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (404, "version_not_found")
    assert api.open("DELETE", f"/api/v1/models/pets/versions/{version}").status_code == 404
    assert api.get(f"/models/pets/{version}").status_code == 404
