from __future__ import annotations

import io

import pytest
from werkzeug.test import TestResponse

from tests.support.api_world import URL, ApiWorld

KEY = {"Idempotency-Key": "one"}


def upload(api: ApiWorld, data: bytes = b"GIF", name: str = "a.gif", key: str = "one", **fields: str) -> TestResponse:
    return api.post(data={"file": (io.BytesIO(data), name), **fields}, headers={"Idempotency-Key": key})


def test_the_same_request_again_is_answered_with_the_first_job_as_it_is_now(api: ApiWorld) -> None:
    first = api.post(json={"url": URL, "top_k": 5}, headers=KEY)
    assert first.json is not None
    api.classify(first.json["id"])

    again = api.post(data=f'{{ "url":"{URL}" }}', content_type="application/json", headers=KEY)

    assert (first.status_code, again.status_code) == (202, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert again.json is not None
    assert (again.json["id"], again.json["status"]) == (first.json["id"], "succeeded")
    assert len(api.services.jobs.page().jobs) == 1


@pytest.mark.parametrize("body", [{"url": f"{URL}?2"}, {"url": URL, "top_k": 1}, {"urls": [URL]}])
def test_other_content_under_the_same_key_is_refused(api: ApiWorld, body: dict[str, object]) -> None:
    api.post(json={"url": URL}, headers=KEY)

    answer = api.post(json=body, headers=KEY)

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["code"] == "idempotency_mismatch"


def test_another_key_makes_another_job(api: ApiWorld) -> None:
    first = api.post(json={"url": URL}, headers=KEY)
    second = api.post(json={"url": URL}, headers={"Idempotency-Key": "two"})

    assert first.json is not None
    assert second.json is not None
    assert first.json["id"] != second.json["id"]


def test_uploads_compare_by_name_and_content_and_are_stored_once(api: ApiWorld) -> None:
    first = upload(api)

    assert first.status_code == 202
    assert upload(api).json == first.json
    assert upload(api, data=b"GIG").status_code == 422
    assert upload(api, name="b.gif").status_code == 422
    assert upload(api, top_k="3").status_code == 422
    assert len(api.services.storage.names("jobs")) == 1


def test_a_replay_needs_no_model_any_more(api: ApiWorld) -> None:
    api.post(json={"url": URL}, headers=KEY)
    api.services.storage.delete("models")

    assert api.post(json={"url": URL}, headers=KEY).status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_cannot_be_used_is_named(api: ApiWorld, key: str) -> None:
    answer = api.post(json={"url": URL}, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"


def test_a_refused_request_does_not_use_its_key_up(api: ApiWorld) -> None:
    assert api.post(json={"url": URL, "model": "birds"}, headers=KEY).status_code == 404
    assert api.post(json={"url": URL}, headers=KEY).status_code == 202
