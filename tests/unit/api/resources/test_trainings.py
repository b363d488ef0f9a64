from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.datasets import DatasetManifest
from shared.datasets.layout import MANIFEST, file_path, newest_path
from shared.datasets.manifest import Newest
from shared.jobs.model import Json, Kind
from tests.support.api_world import ApiWorld
from tests.support.toy_datasets import toy_dataset, toy_report

PATH = "/api/v1/trainings"
VERSION = "3f2a00000000"


def dataset(api: ApiWorld, name: str = "pets", version: str = VERSION, classes: int = 2) -> DatasetManifest:
    """Tells the storage of a dataset that was never imported."""
    manifest = toy_dataset(name, version, toy_report(), {})
    manifest = manifest.model_copy(update={"classes": [f"class {number}" for number in range(classes)]})
    newest = Newest(version=version, imported_at=manifest.created_at, source={}, test_fraction=0.2, seed=0)
    storage = api.services.storage
    storage.write_bytes(file_path(name, version, MANIFEST), manifest.model_dump_json().encode())
    storage.write_bytes(newest_path(name), newest.model_dump_json().encode())
    return manifest


def ask(api: ApiWorld, *, headers: dict[str, str] | None = None, **changes: Any) -> TestResponse:
    body = {"dataset": "pets", "recipe": "cats-dogs-64", "model": "pets"} | changes
    return api.post(PATH, json=body, headers=headers)


def spec(api: ApiWorld, answer: TestResponse) -> Json:
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    return api.services.jobs.get(answer.json["id"]).spec


def test_a_training_is_a_job_that_waits(api: ApiWorld) -> None:
    dataset(api)

    answer = ask(api)

    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json['id']}"
    assert (answer.json["kind"], answer.json["status"]) == ("training", "queued")
    assert api.redis.llen("loupe:train") == 1


def test_every_default_is_filled_in_and_the_dataset_pinned_when_it_is_accepted(api: ApiWorld) -> None:
    dataset(api)
    kept = spec(api, ask(api, params={"epochs": 3}))

    assert kept["dataset"] == {"name": "pets", "version": VERSION}
    assert kept["model"] == {"name": "pets"}
    assert (kept["params"]["epochs"], kept["params"]["batch_size"], kept["params"]["shear"]) == (3, 32, 0.2)
    assert (kept["balance"], kept["seed"], kept["promote"]) == ("none", 0, "if_better")
    assert kept["gate"] == {"min_gain": 0.0, "max_class_drop": 0.02, "min_accuracy": None}


def test_a_request_may_say_all_of_it(api: ApiWorld) -> None:
    dataset(api)
    gate = {"min_gain": 0.01, "max_class_drop": 0.1, "min_accuracy": 0.8}

    kept = spec(api, ask(api, dataset=f"pets@{VERSION}", balance="class_weight", seed=7, promote="always", gate=gate))

    assert (kept["balance"], kept["seed"], kept["promote"], kept["gate"]) == ("class_weight", 7, "always", gate)


def test_a_recipe_may_have_a_balance_of_its_own(api: ApiWorld) -> None:
    dataset(api)
    assert spec(api, ask(api, recipe="kitten-puppy-64"))["balance"] == "oversample"
    assert spec(api, ask(api, recipe="kitten-puppy-64", balance="none"))["balance"] == "none"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"recipe": "cats"}, "recipe", "expected one of cats-dogs-64, "),
        ({"recipe": 3}, "recipe", "received 3"),
        ({"dataset": "Pets!"}, "dataset", "received 'Pets!'"),
        ({"model": "../x"}, "model", "received '../x'"),
        ({"params": {"epoch": 3}}, "params.epoch", "has epochs, "),
        ({"params": {"epochs": 0}}, "params.epochs", "expected a whole number from 1 to 1000, received 0"),
        ({"params": {"epochs": 2.5}}, "params.epochs", "expected a whole number from 1 to 1000, received 2.5"),
        ({"params": {"epochs": True}}, "params.epochs", "received True"),
        ({"params": {"flip": "yes"}}, "params.flip", "expected true or false, received 'yes'"),
        ({"params": {"optimizer": "adan"}}, "params.optimizer", "expected one of adam, adamw, sgd, received 'adan'"),
        ({"params": {"learning_rate": "fast"}}, "params.learning_rate", "expected a number from 1e-07 to 10.0"),
        ({"params": []}, "params", "received []"),
        ({"params": {"epochs": [3]}}, "params", "Single values are expected, but 'epochs' is a list"),
        ({"params": {"\ud800": {}}}, "params", "but '\\ud800' is a list"),
        ({"balance": "both"}, "balance", "received 'both'"),
        ({"seed": -1}, "seed", "received -1"),
        ({"seed": 2**32}, "seed", "received 4294967296"),
        ({"promote": "maybe"}, "promote", "received 'maybe'"),
        ({"gate": {"min_gain": 2}}, "gate.min_gain", "received 2"),
        ({"gate": {"max_drop": 0.1}}, "gate.max_drop", "not known here"),
        ({"epochs": 3}, "epochs", "not known here"),
    ],
)
def test_what_is_wrong_is_refused_by_name(api: ApiWorld, changes: Json, field: str, message: str) -> None:
    dataset(api)

    answer = ask(api, **changes)

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json is not None
    assert answer.json["code"] == "invalid_request"
    (error,) = [error for error in answer.json["errors"] if error["field"] == field]
    assert message in error["message"]
    assert api.services.jobs.page(kind=Kind.TRAINING).jobs == []


@pytest.mark.parametrize(
    ("reference", "code"),
    [("birds", "dataset_not_found"), ("pets@aaaaaaaaaaaa", "version_not_found"), ("pets@3f2a", "version_not_found")],
)
def test_a_dataset_that_is_not_there_is_a_404_that_names_those_that_are(
    api: ApiWorld, reference: str, code: str
) -> None:
    dataset(api)

    answer = ask(api, dataset=reference)

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == code
    assert "There are: pets." in answer.json["detail"]


def test_a_sigmoid_takes_two_classes_and_no_more(api: ApiWorld) -> None:
    dataset(api, classes=3)

    answer = ask(api)

    assert answer.status_code == 422
    assert answer.json is not None
    (error,) = answer.json["errors"]
    assert error["field"] == "recipe"
    assert "exactly two classes, received one of 3" in error["message"]
    assert ask(api, recipe="modern").status_code == 202


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside.h5", "weights/../../outside.h5", "link/x.h5"])
def test_weights_outside_the_import_folder_are_refused(api: ApiWorld, tmp_path: Path, path: str) -> None:
    dataset(api)
    folder = api.settings.import_dir
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path)

    answer = ask(api, recipe="transfer", params={"weights": path})

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "path_not_allowed"
    assert [error["field"] for error in answer.json["errors"]] == ["params.weights"]


def test_weights_that_are_not_there_yet_are_no_reason_to_refuse(api: ApiWorld) -> None:
    dataset(api)
    assert spec(api, ask(api, recipe="transfer"))["params"]["weights"].startswith("weights/mobilenet_v2_")


def test_the_same_request_with_the_same_key_is_one_training(api: ApiWorld) -> None:
    dataset(api)
    headers = {"Idempotency-Key": "weekly"}

    first, again = ask(api, headers=headers), ask(api, headers=headers)
    other = ask(api, headers=headers, seed=8)

    assert first.json is not None
    assert again.json is not None
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json["id"] == first.json["id"]
    assert other.json is not None
    assert (other.status_code, other.json["code"]) == (422, "idempotency_mismatch")


def test_a_training_that_waits_is_canceled_at_once(api: ApiWorld) -> None:
    dataset(api)
    job = ask(api).json
    assert job is not None

    canceled = api.post(f"/api/v1/jobs/{job['id']}/cancel", json={"keep": True})

    assert canceled.json is not None
    assert (canceled.status_code, canceled.json["status"], canceled.json["result"]) == (202, "canceled", None)


def test_parameters_nested_deeper_than_is_written_are_refused_with_a_key_too(api: ApiWorld) -> None:
    nested = "[" * 400 + "]" * 400
    data = f'{{"dataset": "pets", "recipe": "shapes", "model": "m", "params": {{"epochs": {nested}}}}}'

    answer = api.post(
        "/api/v1/trainings", data=data, content_type="application/json", headers={"Idempotency-Key": "deep"}
    )

    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "params")  # type: ignore[index]
