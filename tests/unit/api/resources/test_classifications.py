"""Requests for classification in JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.jobs.chunks import read_chunk
from tests.support.api_world import URL, ApiWorld
from tests.unit.api.conftest import MakeApi


def wrong_fields(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    return [error["field"] for error in answer.json["errors"]]


def test_one_url_makes_a_single_job_with_all_its_links(api: ApiWorld) -> None:
    answer = api.post(json={"url": URL})

    assert answer.status_code == 202
    job = answer.json
    assert job is not None
    assert list(job) == [
        *("id", "kind", "single", "status", "created_at", "started_at", "finished_at", "attempt"),
        *("progress", "result", "error", "links", "webhook", "owner"),
    ]
    assert (job["kind"], job["single"], job["status"]) == ("classification", True, "queued")
    assert job["progress"] == {"done": 0, "failed": 0, "total": 1}
    assert job["created_at"].endswith("Z")
    assert answer.headers["Location"] == job["links"]["self"] == f"/api/v1/jobs/{job['id']}"
    assert "Retry-After" in answer.headers
    assert api.services.jobs.get(job["id"]).spec == {
        "model": {"name": "pets", "version": None},
        "top_k": 5,
        "threshold": None,
    }


def test_the_unit_of_a_single_job_goes_to_its_queue(api: ApiWorld) -> None:
    job_id = api.single()

    message = json.loads(api.redis.lindex("loupe:classify", 0))  # type: ignore[arg-type]
    assert message["headers"]["task"] == "classify"
    assert json.loads(message["body"])[0] == [f"{job_id}:0"]


def test_a_pinned_version_is_kept_with_the_job(api: ApiWorld) -> None:
    answer = api.post(json={"url": URL, "model": "pets@1", "top_k": 2, "threshold": 0.5})

    assert answer.json is not None
    spec = api.services.jobs.get(answer.json["id"]).spec
    assert spec == {"model": {"name": "pets", "version": 1}, "top_k": 2, "threshold": 0.5}


@pytest.mark.parametrize("body", [{"urls": [URL]}, {"items": [{"id": "mine-1", "url": URL}]}])
def test_lists_are_lists_even_of_one_item_and_keep_to_one_version(api: ApiWorld, body: dict[str, Any]) -> None:
    job = api.post(json=body).json

    assert job is not None
    assert job["single"] is False
    assert api.services.jobs.get(job["id"]).spec["model"] == {"name": "pets", "version": 1}
    lines = api.services.storage.read_bytes(f"jobs/{job['id']}/input/00000000.ndjson").splitlines()
    assert json.loads(lines[0]) == {"index": 0, "id": body.get("items", [{}])[0].get("id"), "url": URL}


def test_a_long_list_is_cut_into_chunks(api: ApiWorld) -> None:
    job = api.post(json={"urls": [f"{URL}?{n}" for n in range(520)], "max_failure_rate": 0.5}).json

    assert job is not None
    assert job["progress"]["total"] == 520
    assert len(api.unit_ids(job["id"])) == 9
    claim = api.units.claim(f"{job['id']}:2", "token")
    assert claim is not None
    assert (claim.first, claim.count) == (128, 64)
    assert claim.payload == {"input": f"jobs/{job['id']}/input/00000000.ndjson", "base": 0}
    assert [item.index for item in read_chunk(api.services.storage, claim)] == list(range(128, 192))


@pytest.mark.parametrize("url", ["x", " ", "http://", "=cmd", "\x00", "x" * 8192, "http://ex\u00e4mple/\u2603"])
def test_any_non_empty_text_is_taken_as_a_url(api: ApiWorld, url: str) -> None:
    assert api.post(json={"url": url}).status_code == 202


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["body"]),
        ([], ["body"]),
        ("text", ["body"]),
        (7, ["body"]),
        ({"url": ""}, ["url"]),
        ({"url": 7}, ["url"]),
        ({"url": None}, ["url"]),
        ({"urls": None}, ["urls"]),
        ({"items": [3]}, ["items.0"]),
        ({"url": ["x"]}, ["url"]),
        ({"url": "x" * 8193}, ["url"]),
        ({"url": "x", "urls": ["x"]}, ["body"]),
        ({"urls": []}, ["urls"]),
        ({"urls": "x"}, ["urls"]),
        ({"urls": ["x", "", 3]}, ["urls.1", "urls.2"]),
        ({"items": [{"url": "x"}, {"id": "a"}]}, ["items.1.url"]),
        ({"items": [{"url": "x", "id": 3, "color": 1}]}, ["items.0.id", "items.0.color"]),
        ({"url": "x", "top_k": "5"}, ["top_k"]),
        ({"url": "x", "top_k": 0}, ["top_k"]),
        ({"url": "x", "top_k": True}, ["top_k"]),
        ({"url": "x", "top_k": 2.5}, ["top_k"]),
        ({"url": "x", "threshold": 1.5}, ["threshold"]),
        ({"url": "x", "threshold": "0.5"}, ["threshold"]),
        ({"url": "x", "max_failure_rate": -1}, ["max_failure_rate"]),
        ({"url": "x", "model": "No Such"}, ["model"]),
        ({"url": "x", "model": "pets@new"}, ["model"]),
        ({"url": "x", "model": "pets\n"}, ["model"]),
        ({"url": "x", "webhook": {"url": "http://example.org"}}, ["webhook"]),
        ({"url": "x", "a": 1, "b": 2}, ["a", "b"]),
    ],
)
def test_wrong_and_unknown_fields_are_named_and_nothing_is_created(
    api: ApiWorld, body: object, fields: list[str]
) -> None:
    assert wrong_fields(api.post(json=body)) == fields
    assert api.services.jobs.page().jobs == []
    assert api.services.storage.names("jobs") == []


def test_an_unknown_query_value_is_named(api: ApiWorld) -> None:
    assert wrong_fields(api.post("/api/v1/classifications?top_k=3", json={"url": URL})) == ["top_k"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"url": "x"} trailing',
        b"\xff\xfe\xfa",
        b'{"url": "x", "threshold": NaN}',
        b'{"url": "x", "threshold": Infinity}',
        b'{"url": "x", "top_k": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    ],
)
def test_broken_json_is_a_400(api: ApiWorld, body: bytes) -> None:
    answer = api.post(data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "bad_json"


def test_a_number_too_large_for_a_float_is_a_wrong_value(api: ApiWorld) -> None:
    answer = api.post(data=b'{"url": "x", "threshold": 1e999}', content_type="application/json")

    assert wrong_fields(answer) == ["threshold"]


@pytest.mark.parametrize("content_type", [None, "application/zip", "image/png", "a/b; c", "text/csv; charset=utf-16"])
def test_another_content_type_is_a_415_that_says_what_is_taken(api: ApiWorld, content_type: str | None) -> None:
    answer = api.post(data=b"url\nx\n", content_type=content_type)

    assert answer.status_code == 415
    assert "application/json, multipart/form-data, text/csv" in answer.text or "UTF-8" in answer.text


def test_json_may_name_its_charset(api: ApiWorld) -> None:
    answer = api.post(data=b'{"url": "x"}', content_type="application/json; charset=utf-8")

    assert answer.status_code == 202


def test_a_body_over_the_limit_is_a_413_with_and_without_its_length(make_api: MakeApi) -> None:
    api = make_api(max_body_bytes=1000)
    api.publish()
    body = json.dumps({"url": "x" * 2000}).encode()

    assert api.post(data=body, content_type="application/json").status_code == 413
    chunked = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True}
    answer = api.post(content_type="application/json", environ_overrides=chunked)
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["code"] == "body_too_large"
