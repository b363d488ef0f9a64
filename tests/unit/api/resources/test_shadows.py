from __future__ import annotations

import pytest

from shared.jobs.model import Json
from shared.shadow import Agreements, Pair
from tests.support.api_world import ApiWorld

PATH = "/api/v1/models/pets/shadow"
PAIR = Pair("pets", 1, 2)


def put(api: ApiWorld, path: str = PATH, **body: object) -> tuple[int, Json]:
    answer = api.open("PUT", path, json=body)
    assert answer.json is not None
    return answer.status_code, answer.json


def test_a_version_in_shadow_says_how_far_it_agrees(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    moves = api.services.pointers.moves()

    status, begun = put(api, version=2, fraction=0.25)
    agreements = Agreements(api.redis)
    agreements.count(PAIR, [("cat", "cat"), ("cat", "dog"), ("cat", "cat"), ("dog", "dog")])
    agreements.drop(PAIR, 5)
    shown = api.get(PATH).json

    assert status == 200
    assert (begun["version"], begun["fraction"], begun["served_version"], begun["agreement"]) == (2, 0.25, 1, None)
    # Workers are told.
    assert api.services.pointers.moves() != moves
    assert shown is not None
    assert (shown["compared"], shown["agreed"], shown["agreement"]) == (4, 3, 0.75)
    assert (shown["dropped"], shown["failed"], shown["reason"]) == (5, 0, None)
    assert [(one["label"], one["compared"], one["agreed"]) for one in shown["classes"]] == [
        ("cat", 3, 2),
        ("dog", 1, 1),
    ]
    assert shown["classes"][0]["agreement"] == pytest.approx(2 / 3)


def test_another_fraction_keeps_the_counts_and_another_version_does_not(api: ApiWorld) -> None:
    for version in (2, 3):
        api.publish(version=version, serve=False)
    _, first = put(api, version=2, fraction=0.1)
    Agreements(api.redis).count(PAIR, [("cat", "cat")])

    _, more = put(api, version=2, fraction=1)
    _, other = put(api, version=3, fraction=1)

    assert (more["fraction"], more["compared"], more["since"]) == (1.0, 1, first["since"])
    assert (other["version"], other["compared"]) == (3, 0)


def test_what_ended_is_forgotten(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    put(api, version=2, fraction=0.1)
    Agreements(api.redis).count(PAIR, [("cat", "cat")])

    ended = api.open("DELETE", PATH)
    after, again = api.get(PATH), api.open("DELETE", PATH)

    assert (ended.status_code, ended.data) == (204, b"")
    for answer in (after, again):
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (404, "no_shadow")
    assert put(api, version=2, fraction=0.1)[1]["compared"] == 0


def test_it_ends_when_the_version_is_promoted_or_deleted(api: ApiWorld) -> None:
    for version in (2, 3):
        api.publish(version=version, serve=False)
    put(api, version=2, fraction=0.1)
    Agreements(api.redis).count(PAIR, [("cat", "cat")])
    api.post("/api/v1/models/pets/promote", json={"version": 2})
    assert api.get(PATH).status_code == 404
    put(api, version=3, fraction=0.1)
    # Another champion does not end it.
    api.post("/api/v1/models/pets/promote", json={"version": 1})
    shown = api.get(PATH).json
    assert shown is not None
    assert (shown["version"], shown["served_version"]) == (3, 1)
    # What was counted before is not counted again.
    assert put(api, version=2, fraction=0.1)[1]["compared"] == 0
    put(api, version=3, fraction=0.1)
    assert api.open("DELETE", "/api/v1/models/pets/versions/3").status_code == 204
    assert api.get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        (PATH, {"version": 9, "fraction": 0.1}, 404, "version_not_found"),
        (PATH, {"version": 1, "fraction": 0.1}, 409, "already_served"),
        (PATH, {"version": 2, "fraction": 1.1}, 422, "invalid_request"),
        (PATH, {"version": 2, "fraction": -0.1}, 422, "invalid_request"),
        (PATH, {"version": 2, "fraction": "0.1"}, 422, "invalid_request"),
        (PATH, {"version": 2, "fraction": True}, 422, "invalid_request"),
        (PATH, {"version": 2}, 422, "invalid_request"),
        (PATH, {"fraction": 0.1}, 422, "invalid_request"),
        (PATH, {"version": 0, "fraction": 0.1}, 422, "invalid_request"),
        (PATH, {"version": 2, "fraction": 0.1, "name": "x"}, 422, "invalid_request"),
        ("/api/v1/models/birds/shadow", {"version": 1, "fraction": 0.1}, 404, "model_not_found"),
        ("/api/v1/models/No%20Name/shadow", {"version": 1, "fraction": 0.1}, 404, "model_not_found"),
        ("/api/v1/models/unserved/shadow", {"version": 1, "fraction": 0.1}, 409, "no_model"),
    ],
)
def test_what_cannot_be_in_shadow_is_refused(api: ApiWorld, path: str, body: Json, status: int, code: str) -> None:
    api.publish(version=2, serve=False)
    api.publish("unserved", serve=False)

    found, problem = put(api, path, **body)

    assert (found, problem["code"]) == (status, code)
    assert api.services.registry.shadow("pets") is None


def test_not_a_number_is_no_fraction(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    for word in (b"NaN", b"Infinity", b"1e999"):
        body = b'{"version": 2, "fraction": ' + word + b"}"
        answer = api.open("PUT", PATH, data=body, content_type="application/json")
        assert answer.status_code in {400, 422}


def test_a_damaged_version_is_not_put_in_shadow(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    api.services.storage.write_bytes("models/pets/2/model.keras", b"other")

    status, problem = put(api, version=2, fraction=0.1)

    assert (status, problem["code"]) == (409, "version_corrupt")


def test_without_a_model_or_a_shadow_there_is_a_404(api: ApiWorld) -> None:
    for path, code in ((PATH, "no_shadow"), ("/api/v1/models/birds/shadow", "model_not_found")):
        for method in ("GET", "DELETE"):
            answer = api.open(method, path)
            assert answer.json is not None
            assert (answer.status_code, answer.json["code"]) == (404, code)
