from __future__ import annotations

import io
from typing import Any

import pytest

from api.bodies import MOST_CHARACTERS_SHOWN, MOST_JSON_BYTES, shown
from shared.ids import new_id
from tests.support.api_world import ApiWorld
from tests.unit.api.conftest import MakeApi

JSON_PATHS = [
    ("POST", "/api/v1/datasets"),
    ("POST", "/api/v1/trainings"),
    ("POST", "/api/v1/schedules"),
    ("PATCH", "/api/v1/schedules/weekly"),
    ("POST", "/api/v1/schedules/weekly/run"),
    ("POST", "/api/v1/models/pets/promote"),
    ("POST", "/api/v1/models/pets/versions"),
    ("POST", f"/api/v1/jobs/{new_id()}/cancel"),
    ("POST", f"/api/v1/jobs/{new_id()}/retry"),
    ("POST", "/api/v1/datasets/pets/corrections/apply"),
    ("POST", f"/api/v1/uploads/{new_id()}/finish"),
]
WITHOUT_FIELDS = [
    f"/api/v1/jobs/{new_id()}/retry",
    f"/api/v1/jobs/{new_id()}/webhook",
    f"/api/v1/uploads/{new_id()}/finish",
    "/api/v1/datasets/pets/corrections/apply",
    "/api/v1/schedules/weekly/run",
]


@pytest.mark.parametrize(("method", "path"), JSON_PATHS)
def test_json_is_taken_up_to_a_limit_of_its_own(api: ApiWorld, method: str, path: str) -> None:
    body = b"[" + b"[]," * (MOST_JSON_BYTES // 3) + b"[]]"
    chunked = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    for answer in (
        api.open(method, path, data=body, content_type="application/json"),
        api.open(method, path, content_type="application/json", environ_overrides=chunked),
    ):
        assert answer.json is not None
        assert (answer.status_code, answer.json["code"]) == (413, "body_too_large"), answer.text
        assert "1048576 bytes" in answer.json["detail"]


@pytest.mark.parametrize("path", WITHOUT_FIELDS)
@pytest.mark.parametrize(
    ("options", "status"),
    [
        # What it is asked of is not there, and nothing is wrong with the body.
        ({}, 404),
        ({"json": {}}, 404),
        ({"json": {"foo": 1}}, 422),
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"foo", "content_type": "text/plain"}, 415),
    ],
)
def test_an_action_without_fields_takes_nothing_else(
    api: ApiWorld, path: str, options: dict[str, Any], status: int
) -> None:
    assert api.post(path, **options).status_code == status


def test_the_limit_of_all_bodies_holds_for_json_too(make_api: MakeApi) -> None:
    api = make_api(max_body_bytes=1000)

    answer = api.post("/api/v1/trainings", data=b" " * 1001, content_type="application/json")

    assert answer.status_code == 413
    assert "1000 bytes" in answer.text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x" * 10**6, "'" + "x" * (MOST_CHARACTERS_SHOWN - 1) + "…"),
        ("a\n", r"'a\n'"),
        ([1, None, "x"], "[1, None, 'x']"),
        ([[]] * 10**6, "[[], [], [], [], [], [], ...]"),
    ],
)
def test_of_a_long_value_the_start_is_shown(value: object, expected: str) -> None:
    assert shown(value) == expected
