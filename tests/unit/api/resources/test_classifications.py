from __future__ import annotations

import io
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.jobs.chunks import read_chunk
from tests.support.api_world import URL, ApiWorld
from tests.support.archives import listed_otherwise, zipped
from tests.unit.api.conftest import MakeApi

PNG = b"\x89PNG\r\n\x1a\n"


def wrong_fields(answer: TestResponse) -> list[str]:
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    return [error["field"] for error in answer.json["errors"]]


def form(*pictures: tuple[bytes, str], **options: str) -> dict[str, Any]:
    return {"file": [(io.BytesIO(data), name) for data, name in pictures], **options}


def test_one_url_makes_a_single_job_with_all_its_links(api: ApiWorld) -> None:
    answer = api.post(json={"url": URL})

    assert answer.status_code == 202
    job = answer.json
    assert job is not None
    assert list(job) == [
        *("id", "kind", "single", "status", "created_at", "started_at", "finished_at", "attempt"),
        *("progress", "result", "error", "links", "webhook"),
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
    assert len(api.services.jobs.unit_ids(job["id"])) == 9
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


def test_one_uploaded_picture_is_a_single_job_and_kept_as_it_came(api: ApiWorld) -> None:
    answer = api.post(data=form((PNG, "pictures/cät.png"), top_k="2", threshold="0.25", model="pets@1"))

    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    job_id = answer.json["id"]
    claim = api.units.claim(f"{job_id}:0", "token")
    assert claim is not None
    path = f"jobs/{job_id}/uploads/0"
    assert claim.payload["item"] == {"index": 0, "id": None, "url": None, "filename": "cät.png", "upload": path}
    assert claim.spec == {"model": {"name": "pets", "version": 1}, "top_k": 2, "threshold": 0.25}
    assert api.services.storage.read_bytes(path) == PNG


def test_several_uploaded_pictures_are_a_list(api: ApiWorld) -> None:
    pictures = [(PNG + bytes([n]) * n * 50, f"{n}.png") for n in range(70)]

    job = api.post(data=form(*pictures)).json

    assert job is not None
    assert (job["single"], job["progress"]["total"]) == (False, 70)
    for n in (0, 1, 69):
        assert api.services.storage.read_bytes(f"jobs/{job['id']}/uploads/{n}") == pictures[n][0]
    lines = api.services.storage.read_bytes(f"jobs/{job['id']}/input/00000000.ndjson").splitlines()
    assert json.loads(lines[64])["filename"] == "64.png"


def test_a_picture_over_the_limit_is_the_items_outcome_and_no_http_error(make_api: MakeApi) -> None:
    api = make_api(max_image_bytes=10)
    api.publish()

    assert api.post(data=form((PNG * 10, "large.png"))).status_code == 202


def test_an_empty_file_is_taken_for_the_worker_to_judge(api: ApiWorld) -> None:
    assert api.post(data=form((b"", "empty.png"))).status_code == 202


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, ["file"]),
        ({"file": "text, not a file"}, ["file"]),
        ({"file": (io.BytesIO(), "")}, ["file"]),
        ({"picture": (io.BytesIO(PNG), "a.png")}, ["picture"]),
        ({"file": (io.BytesIO(PNG), "a.png"), "top_k": "many"}, ["top_k"]),
        ({"file": (io.BytesIO(PNG), "a.png"), "top_k": ["1", "2"]}, ["top_k"]),
        ({"file": (io.BytesIO(PNG), "a.png"), "threshold": "nan"}, ["threshold"]),
        ({"file": (io.BytesIO(PNG), "a.png"), "color": "red"}, ["color"]),
        ({"file": (io.BytesIO(PNG), "a.png"), "url": URL}, ["url"]),
    ],
)
def test_wrong_parts_of_a_form_are_named(api: ApiWorld, fields: dict[str, Any], wrong: list[str]) -> None:
    answer = api.post(data=fields, content_type="multipart/form-data")

    assert wrong_fields(answer) == wrong
    assert api.services.storage.names("jobs") == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no boundary", "multipart/form-data"),
        (b"nothing", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_a_broken_form_is_a_400(api: ApiWorld, body: bytes, content_type: str) -> None:
    answer = api.post(data=body, content_type=content_type)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "bad_request"


def test_a_zip_archive_is_told_by_its_content_and_is_a_list(api: ApiWorld) -> None:
    answer = api.post(data=form((zipped({"cats/a.png": PNG}), "pictures.jpg"), top_k="2"))

    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    assert answer.json["single"] is False
    claim = api.units.claim(f"{answer.json['id']}:0", "token")
    assert claim is not None
    (item,) = read_chunk(api.services.storage, claim)
    assert (item.filename, api.services.storage.read_bytes(item.upload or "")) == ("cats/a.png", PNG)


@pytest.mark.parametrize(
    ("pictures", "status", "code"),
    [
        ([(b"PK\x03\x04...", "broken.zip")], 400, "bad_request"),
        ([(zipped({"../a.png": PNG}), "out.zip")], 422, "invalid_request"),
        ([(zipped({"a.zip": zipped({"a.png": PNG})}), "nested.zip")], 422, "invalid_request"),
        ([(listed_otherwise(zipped({"a.png": PNG, "b.png": PNG}), "place", 10**6), "cut.zip")], 422, "invalid_request"),
        ([(zipped({"a.png": PNG}), "a.zip"), (PNG, "b.png")], 422, "invalid_request"),
        ([(zipped({}), "empty.zip")], 422, "invalid_request"),
        ([(zipped({str(n): PNG for n in range(4)}), "many.zip")], 422, "too_many_items"),
    ],
)
def test_an_archive_that_is_refused_leaves_nothing(
    make_api: MakeApi, pictures: list[tuple[bytes, str]], status: int, code: str
) -> None:
    api = make_api(max_items=3)
    api.publish()

    answer = api.post(data=form(*pictures))

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert api.services.storage.names("jobs") == []
    assert api.services.jobs.page().jobs == []


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


def test_too_many_items_are_refused_before_each_is_looked_at(make_api: MakeApi) -> None:
    api = make_api(max_items=3)
    api.publish()

    bodies: list[dict[str, Any]] = [{"urls": ["x", "x", "x", ""]}, {"items": [{}] * 4}]
    for body in bodies:
        answer = api.post(json=body)
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["code"] == "too_many_items"
    answer = api.post(data=form(*[(PNG, "a.png")] * 4))
    assert answer.json is not None
    assert answer.json["code"] == "too_many_items"
    assert api.services.storage.names("jobs") == []


def test_what_was_stored_for_a_refused_job_is_removed(make_api: MakeApi) -> None:
    api = make_api(max_queued_items=1)
    api.publish()
    api.single()

    answer = api.post(data=form((PNG, "a.png"), (PNG, "b.png")))

    assert answer.status_code == 429
    assert api.services.storage.names("jobs") == []
