from __future__ import annotations

import json
import time

import pytest

from shared.heartbeat import HEARTBEATS, PROCESSES
from shared.jobs.model import Json
from tests.support.api_world import URL, ApiWorld


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
    held = {"name": "pets", "version": 2, "state": "ready", "engine": "onnx"}
    beat(api, "single", [held, {"name": "x", "version": 1, "state": "ready"}])

    model = api.get("/api/v1/models/pets").json

    assert model is not None
    assert (model["served_version"], model["previous_version"], model["versions"]) == (2, 1, [1, 2])
    assert model["promoted_at"].endswith("Z")
    assert model["labels"] == ["cat", "dog"]
    assert model["workers"] == [
        {
            "id": "single@host:1",
            "version": 2,
            "state": "ready",
            "serving": False,
            "engine": "onnx",
            "reason": None,
        }
    ]


def test_a_model_tells_which_versions_answered_when(api: ApiWorld) -> None:
    api.publish(version=2)
    api.post("/api/v1/models/pets/promote", json={"version": 1})

    history = api.get("/api/v1/models/pets/history").json

    assert history is not None
    assert [period["version"] for period in history["items"]] == [1, 2, 1]
    ends = [period["until"] for period in history["items"]]
    assert ends == [None, history["items"][0]["since"], history["items"][1]["since"]]
    assert api.get("/api/v1/models/birds/history").status_code == 404


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


def test_a_version_that_no_worker_can_load_says_why(api: ApiWorld) -> None:
    api.publish(version=2)
    failed = {"name": "pets", "version": 2, "state": "failed_to_load", "reason": "It answers otherwise."}
    beat(api, "single", [{"name": "pets", "version": 1, "state": "ready"}, failed])
    broken = api.get("/api/v1/models/pets/versions/2").json
    beat(api, "list", [{"name": "pets", "version": 2, "state": "ready"}])
    held = api.get("/api/v1/models/pets/versions/2").json

    assert broken is not None
    assert held is not None
    assert (broken["state"], broken["reason"]) == ("failed_to_load", "It answers otherwise.")
    assert (held["state"], held["reason"]) == ("served", None)


def test_a_version_that_was_refused_says_why_until_it_is_promoted_again(api: ApiWorld) -> None:
    api.publish(version=2)
    registry = api.services.registry
    served = registry.served("pets")
    assert served is not None
    registry.go_back("pets", served, 1, "It answers otherwise.")

    model = api.get("/api/v1/models/pets").json
    history = api.get("/api/v1/models/pets/history").json
    refused = api.get("/api/v1/models/pets/versions/2").json
    api.post("/api/v1/models/pets/promote", json={"version": 2})
    again = api.get("/api/v1/models/pets/versions/2").json

    assert model is not None
    assert refused is not None
    assert again is not None
    assert (model["served_version"], model["previous_version"]) == (1, None)
    assert history is not None
    assert [(period["version"], period["refused"]) for period in history["items"]] == [
        (1, None),
        (2, "It answers otherwise."),
        (1, None),
    ]
    assert (refused["state"], refused["reason"]) == ("failed_to_load", "It answers otherwise.")
    assert (again["state"], again["reason"]) == ("served", None)


def test_a_broken_pointer_hides_no_model(api: ApiWorld) -> None:
    api.publish("birds")
    api.services.storage.write_bytes("models/birds/served.json", b"{")
    api.services.storage.write_bytes("models/birds/1/manifest.json", b"{")
    api.services.storage.write_bytes("models/README.txt", b"not ours")

    listed = api.get("/api/v1/models").json

    assert listed is not None
    assert [(one["name"], one["served_version"], one["labels"]) for one in listed["items"]] == [
        ("birds", None, []),
        ("pets", 1, ["cat", "dog"]),
    ]
    assert api.get("/api/v1/models/birds/versions/1").status_code == 409


def test_promoting_moves_the_pointer_and_shows_the_model(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    beat(api, "single", [{"name": "pets", "version": 1, "state": "ready"}])

    answer = api.post("/api/v1/models/pets/promote", json={"version": 2})

    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["served_version"], answer.json["previous_version"]) == (2, 1)
    assert [(held["id"], held["version"]) for held in answer.json["workers"]] == [("single@host:1", 1)]
    again = api.post("/api/v1/models/pets/promote", json={"version": 2})
    assert again.status_code == 200
    assert again.json == answer.json
    back = api.post("/api/v1/models/pets/promote", json={"version": 1})
    assert back.json is not None
    assert (back.json["served_version"], back.json["previous_version"]) == (1, 2)


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("pets", {"version": 9}, 404, "version_not_found"),
        ("birds", {"version": 1}, 404, "model_not_found"),
        ("..", {"version": 1}, 404, "model_not_found"),
        ("pets", {}, 422, "invalid_request"),
        ("pets", {"version": "2"}, 422, "invalid_request"),
        ("pets", {"version": 0}, 422, "invalid_request"),
        ("pets", {"version": True}, 422, "invalid_request"),
        ("pets", {"version": 10**30}, 422, "invalid_request"),
        ("pets", {"version": 1, "force": True}, 422, "invalid_request"),
    ],
)
def test_what_cannot_be_promoted_is_refused(api: ApiWorld, name: str, body: Json, status: int, code: str) -> None:
    answer = api.post(f"/api/v1/models/{name}/promote", json=body)

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert api.services.registry.served_version("pets") == 1


def test_a_damaged_version_is_not_promoted_and_the_pointer_stays(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    api.services.storage.write_bytes("models/pets/2/model.keras", b"other")

    answer = api.post("/api/v1/models/pets/promote", json={"version": 2})

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "version_corrupt")
    assert api.services.registry.served_version("pets") == 1


def test_a_version_is_deleted_unless_it_is_served(api: ApiWorld) -> None:
    api.publish(version=2)

    served = api.open("DELETE", "/api/v1/models/pets/versions/2")
    old = api.open("DELETE", "/api/v1/models/pets/versions/1")

    assert served.json is not None
    assert (served.status_code, served.json["code"]) == (409, "in_use")
    assert (old.status_code, old.data) == (204, b"")
    assert api.open("DELETE", "/api/v1/models/pets/versions/1").status_code == 404
    model = api.get("/api/v1/models/pets").json
    assert model is not None
    assert (model["versions"], model["served_version"], model["previous_version"]) == ([2], 2, None)


def test_a_version_that_an_unfinished_job_asks_is_not_deleted(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    api.publish(version=3, serve=False)
    jobs = [api.post(json=body).json for body in ({"urls": [URL], "model": "pets@2"}, {"url": URL, "model": "pets@3"})]

    for version, job in zip((2, 3), jobs, strict=True):
        assert job is not None
        refused = api.open("DELETE", f"/api/v1/models/pets/versions/{version}")
        assert refused.json is not None
        assert (refused.status_code, refused.json["code"]) == (409, "in_use")
        assert job["id"] in refused.text
        api.post(f"/api/v1/jobs/{job['id']}/cancel")
        assert api.open("DELETE", f"/api/v1/models/pets/versions/{version}").status_code == 204


def test_a_picture_that_is_answered_by_what_is_served_holds_no_version(api: ApiWorld) -> None:
    api.single()
    api.publish(version=2)

    assert api.open("DELETE", "/api/v1/models/pets/versions/1").status_code == 204


def test_a_cursor_that_no_page_gave_is_refused(api: ApiWorld) -> None:
    answer = api.get("/api/v1/models?cursor=../1")
    assert (answer.status_code, (answer.json or {})["errors"][0]["field"]) == (422, "cursor")
