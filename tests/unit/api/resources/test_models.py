from __future__ import annotations

import json
import time

import pytest

from shared.heartbeat import HEARTBEATS, PROCESSES
from shared.jobs.model import Json
from tests.support.api_world import ApiWorld


def beat(api: ApiWorld, role: str, models: list[Json] | None = None, detail: str = "", metrics: str = "") -> None:
    """Tells Redis of a process."""
    state = {"role": role, "id": f"{role}@host:1", "at": time.time(), "detail": detail}
    api.redis.set(f"{HEARTBEATS}{role}@host:1", json.dumps(state | {"models": models or [], "metrics": metrics}))
    api.redis.sadd(PROCESSES, f"{role}@host:1")


def test_models_are_listed_by_name_in_pages(api: ApiWorld) -> None:
    api.publish("birds", serve=False)
    api.publish("cars")

    first = api.get("/api/v1/models?limit=2").json
    assert first is not None
    second = api.get(f"/api/v1/models?limit=2&cursor={first['next_cursor']}").json
    assert second is not None

    assert [model["name"] for model in first["items"] + second["items"]] == ["birds", "cars", "pets"]
    assert second["next_cursor"] is None
    assert first["items"][0]["served_version"] is None


def test_a_model_says_which_version_answers_and_who_holds_it(api: ApiWorld) -> None:
    api.publish(version=2)
    beat(
        api, "single", [{"name": "pets", "version": 2, "state": "ready"}, {"name": "x", "version": 1, "state": "ready"}]
    )

    model = api.get("/api/v1/models/pets").json

    assert model is not None
    assert (model["served_version"], model["previous_version"], model["versions"]) == (2, 1, [1, 2])
    assert model["promoted_at"].endswith("Z")
    assert model["labels"] == ["cat", "dog"]
    assert model["workers"] == [{"id": "single@host:1", "version": 2, "state": "ready"}]


def test_a_version_is_its_manifest_with_its_state_and_files(api: ApiWorld) -> None:
    api.publish(version=2)
    api.publish(version=3, serve=False)

    versions = [api.get(f"/api/v1/models/pets/versions/{n}").json for n in (1, 2, 3)]

    assert [version["state"] for version in versions if version] == ["previous", "served", "ready"]
    second = versions[1]
    assert second is not None
    assert second["metrics"]["test"]["accuracy"] == 0.75
    assert second["recipe"] == "toy"
    assert second["per_class"][0]["label"] == "cat"
    assert second["links"]["model.keras"] == "/api/v1/models/pets/versions/2/files/model.keras"
    for path in second["links"].values():
        assert api.get(path).status_code == 200


def test_pictures_are_shown_and_all_else_is_a_download(api: ApiWorld) -> None:
    path = "/api/v1/models/pets/versions/1/files"

    picture = api.get(f"{path}/sample-0.webp")
    weights = api.get(f"{path}/model.keras")
    manifest = api.get(f"{path}/manifest.json")

    assert (picture.mimetype, picture.data) == ("image/webp", b"RIFF")
    assert "Content-Disposition" not in picture.headers
    assert (weights.mimetype, weights.data) == ("application/octet-stream", b"weights")
    assert weights.headers["Content-Disposition"] == 'attachment; filename="pets-1-model.keras"'
    assert manifest.mimetype == "application/json"
    for answer in (picture, weights, manifest):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("birds", "model_not_found"),
        ("No%20Name", "model_not_found"),
        ("..", "model_not_found"),
        ("pets/versions/9", "version_not_found"),
        ("birds/versions/1", "model_not_found"),
        ("pets/versions/x", "not_found"),
        ("pets/versions/1/files/nothing.png", "file_not_found"),
        ("pets/versions/1/files/..", "file_not_found"),
        ("pets/versions/1/files/%2e%2e%2fserved.json", "not_found"),
    ],
)
def test_what_is_not_there_is_a_404(api: ApiWorld, path: str, code: str) -> None:
    answer = api.get(f"/api/v1/models/{path}")

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == code


def test_a_damaged_file_is_not_handed_out(api: ApiWorld) -> None:
    api.services.storage.write_bytes("models/pets/1/model.keras", b"other")

    answer = api.get("/api/v1/models/pets/versions/1/files/model.keras")

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "version_corrupt"
