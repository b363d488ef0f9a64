"""Pictures and archives that come with a request for classification."""

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
