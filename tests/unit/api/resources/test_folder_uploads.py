"""A folder that is sent in batches."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from api import folder_uploads
from api.folder_batch import sort_out
from shared.jobs.model import Kind
from shared.uploads import Uploads
from tests.support.access import SignedIn, add_key, bearer
from tests.support.api_world import ApiWorld

UPLOADS = "/api/v1/uploads"
FORM = "multipart/form-data"


def begin(api: ApiWorld, **differing: Any) -> TestResponse:
    return api.post(UPLOADS, json={"name": "pets", "batches": 2} | differing)


def put(api: ApiWorld, upload: str, number: int, files: dict[str, bytes], **fields: str) -> TestResponse:
    parts = [(io.BytesIO(data), name) for name, data in files.items()]
    where = f"{UPLOADS}/{upload}/batches/{number}"
    return api.open("PUT", where, data={"file": parts, **fields}, content_type=FORM)


def body(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


def stored(api: ApiWorld, upload: str) -> dict[str, bytes]:
    """Returns all files that have arrived."""
    storage = api.services.storage
    found: dict[str, bytes] = {}
    for batch in Uploads(storage).arrived(upload).values():
        with zipfile.ZipFile(io.BytesIO(storage.read_bytes(f"uploads/{upload}/{batch.name}"))) as archive:
            found |= {name: archive.read(name) for name in archive.namelist()}
    return found


@pytest.fixture
def upload(api: ApiWorld) -> str:
    answer = begin(api, seed=7)
    assert answer.status_code == 201
    assert answer.headers["Location"] == body(answer)["links"]["self"]
    return str(body(answer)["id"])


def test_a_folder_arrives_in_any_order_and_becomes_an_import(api: ApiWorld, upload: str) -> None:
    assert body(put(api, upload, 1, {"pets/dog/1.jpg": b"three"})) == {"number": 1, "files": 1, "bytes": 5}
    view = body(api.get(f"{UPLOADS}/{upload}"))
    assert (view["missing"], view["missing_count"], view["files"], view["bytes"], view["job"]) == ([0], 1, 1, 5, None)
    early = api.post(f"{UPLOADS}/{upload}/finish")
    assert (early.status_code, body(early)["code"]) == (409, "upload_incomplete")
    put(api, upload, 0, {"pets/cat/1.jpg": b"one", "pets/cat/2.jpg": b"two"})
    assert stored(api, upload) == {"pets/cat/1.jpg": b"one", "pets/cat/2.jpg": b"two", "pets/dog/1.jpg": b"three"}
    done = api.post(f"{UPLOADS}/{upload}/finish")
    assert (done.status_code, body(done)["id"]) == (202, upload)
    job = api.services.jobs.get(upload)
    source = {"type": "upload", "upload": f"uploads/{upload}", "filename": "pets"}
    assert (job.kind, job.spec) == (
        Kind.IMPORT,
        {"name": "pets", "test_fraction": 0.2, "seed": 7, "source": source},
    )
    # Asked again, after an answer that was lost, it is the same job.
    again = api.post(f"{UPLOADS}/{upload}/finish")
    assert (again.status_code, body(again)["id"]) == (200, upload)
    assert body(api.get(f"{UPLOADS}/{upload}"))["job"] == upload
    assert body(api.open("DELETE", f"{UPLOADS}/{upload}"))["code"] == "in_use"


def test_a_batch_that_is_sent_again_stays_as_it_was(api: ApiWorld, upload: str) -> None:
    put(api, upload, 0, {"cat/1.jpg": b"one"})
    assert body(put(api, upload, 0, {"cat/1.jpg": b"other"})) == {"number": 0, "files": 1, "bytes": 3}
    assert stored(api, upload) == {"cat/1.jpg": b"one"}


def test_what_cannot_be_kept_is_left_behind_with_its_reason(make_api: Callable[..., ApiWorld]) -> None:
    most = 1000
    api = make_api(max_image_bytes=most)
    upload = body(begin(api))["id"]
    files = {
        "cat/large.jpg": b"x" * (most + 1),
        "../out.jpg": b"1",
        "/etc/x.jpg": b"2",
        "cat/": b"3",
        "cat/ok.jpg": b"4",
    }
    files |= {"a" * 2000: b"5", "cat/\u202etxt.jpg": b"6"}
    skipped = json.dumps([{"file": "cat/huge.jpg", "bytes": most * 2}])
    assert body(put(api, upload, 0, files, skipped=skipped))["files"] == 1
    assert stored(api, upload) == {"cat/ok.jpg": b"4"}
    refused = Uploads(api.services.storage).refused(upload)
    assert [(one.file[:20], one.code) for one in refused] == [
        ("cat/huge.jpg", "too_large"),
        ("cat/large.jpg", "too_large"),
        ("../out.jpg", "path_not_allowed"),
        ("/etc/x.jpg", "path_not_allowed"),
        ("cat/", "path_not_allowed"),
        ("a" * 20, "path_not_allowed"),
        ("cat/\u202etxt.jpg", "path_not_allowed"),
    ]


@pytest.mark.parametrize(
    ("differing", "field"),
    [({"batches": 0}, "batches"), ({"name": "../x"}, "name"), ({"batches": 10**9}, "batches"), ({"x": 1}, "x")],
)
def test_a_wrong_beginning_is_refused(api: ApiWorld, differing: dict[str, Any], field: str) -> None:
    answer = begin(api, **differing)
    assert (answer.status_code, [one["field"] for one in body(answer)["errors"]]) == (422, [field])
    assert Uploads(api.services.storage).ids() == []


def test_what_is_no_batch_or_no_upload_is_refused(api: ApiWorld, upload: str) -> None:
    assert put(api, upload, 2, {"cat/1.jpg": b"1"}).status_code == 422
    assert put(api, upload, 0, {"cat/1.jpg": b"1"}, skipped="{").status_code == 422
    for skipped in (
        f'[{{"file": "a", "bytes": {"9" * 4500}}}]',
        f'[{{"file": "a", "bytes": {2**63}}}]',
        "[1]",
        '[{"file": 1}]',
        '[{"file": "a", "bytes": 1e999}]',
        '[{"file": "\\ud800", "bytes": 1}]',
        "[" * 9999,
    ):
        assert put(api, upload, 0, {"cat/1.jpg": b"1"}, skipped=skipped).status_code == 422
    other = api.open("PUT", f"{UPLOADS}/{upload}/batches/0", data={"f": (io.BytesIO(b"1"), "1.jpg")}, content_type=FORM)
    assert other.status_code == 422
    for unknown in ("x", "..", "019ae000-0000-7000-8000-000000000000"):
        assert put(api, unknown, 0, {"cat/1.jpg": b"1"}).status_code == 404
        assert api.get(f"{UPLOADS}/{unknown}").status_code == 404
        assert api.post(f"{UPLOADS}/{unknown}/finish").status_code == 404
    assert stored(api, upload) == {}


def test_there_is_an_end_to_what_is_taken(api: ApiWorld, upload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_uploads, "MOST_BYTES", 5)
    assert put(api, upload, 0, {"cat/1.jpg": b"1234"}).status_code == 200
    answer = put(api, upload, 1, {"cat/2.jpg": b"12"})
    assert (answer.status_code, body(answer)["code"]) == (413, "body_too_large")
    monkeypatch.setattr(folder_uploads, "MOST_UPLOADS", 1)
    answer = begin(api)
    assert (answer.status_code, body(answer)["code"]) == (429, "queue_full")
    assert api.open("DELETE", f"{UPLOADS}/{upload}").status_code == 204
    assert begin(api).status_code == 201


def test_after_a_day_it_is_gone(api: ApiWorld, upload: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.uploads.LIFE_S", -60)
    assert put(api, upload, 0, {"cat/1.jpg": b"1"}).status_code == 404


def test_a_signed_in_browser_sends_with_its_token_and_others_see_nothing(
    make_api: Callable[..., ApiWorld], tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    ann, bob = add_key(path, "ann", "train"), add_key(path, "bob", "train")
    api = make_api(api_keys_file=path)
    browser = SignedIn(api.app, ann)
    begun = browser.post("/datasets/uploads", name="pets", batches="1")
    assert begun.status_code == 201
    upload = body(begun)["id"]
    where = f"/datasets/uploads/{upload}/batches/0"
    assert browser.client.post(where, data={"file": (io.BytesIO(b"1"), "cat/1.jpg")}).status_code == 403
    assert browser.post(where, file=(io.BytesIO(b"1"), "cat/1.jpg")).status_code == 200
    assert browser.get(f"{UPLOADS}/{upload}").status_code == 200
    assert api.get(f"{UPLOADS}/{upload}", headers=bearer(bob)).status_code == 403
    assert api.post(f"{UPLOADS}/{upload}/finish", headers=bearer(bob)).status_code == 403
    done = browser.post(f"/datasets/uploads/{upload}/finish")
    assert (done.status_code, api.services.jobs.get(upload).owner) == (202, "ann")


def test_a_batch_of_many_tiny_files_is_not_compared_file_by_file(api: ApiWorld, upload: str) -> None:
    """Each with each, these are two hundred million comparisons, for minutes."""
    files = [FileStorage(io.BytesIO(), f"cat/{number // 2}.jpg") for number in range(20_000)]

    began = time.process_time()
    found = sort_out(files, "", 100)

    assert time.process_time() - began < 5
    assert (len(found.taken), len(found.refused)) == (10_000, 10_000)
