"""Lists through the API: every type of body, dry runs and what is wrong with them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.support.api_world import ApiWorld
from tests.support.lists import BODIES, TEXT, field_of
from tests.unit.api.conftest import MakeApi

PATH = "/api/v1/classifications"


@pytest.mark.parametrize(("media", "body"), BODIES)
def test_a_body_of_lines_is_a_list_with_its_options_in_the_query(api: ApiWorld, media: str, body: bytes) -> None:
    answer = api.post(f"{PATH}?top_k=2&threshold=0.5&model=pets@1&max_failure_rate=0.1", data=body, content_type=media)

    assert answer.status_code == 202, answer.text
    assert (field_of(answer, "single"), field_of(answer, "progress")["total"]) == (False, 3)
    spec = api.services.jobs.get(field_of(answer, "id")).spec
    assert spec["model"] == {"name": "pets", "version": 1}
    assert (spec["top_k"], spec["threshold"], spec["max_failure_rate"], spec["pinned"]) == (2, 0.5, 0.1, True)


@pytest.mark.parametrize(("media", "body"), BODIES)
def test_a_dry_run_counts_and_creates_nothing(api: ApiWorld, media: str, body: bytes) -> None:
    answer = api.post(f"{PATH}?check=1", data=body, content_type=media)

    assert answer.status_code == 200, answer.text
    assert answer.json == {
        "accepted": True,
        "single": False,
        "items": 3,
        "distinct": 2,
        "repeats": 1,
        "model": {"name": "pets", "version": 1},
        "limits": {"max_items": 100_000, "max_queued_items": 1_000_000, "queued_items": 0},
        "problems": [],
        "errors": [],
        "errors_total": 0,
    }
    assert api.services.jobs.page().jobs == []
    assert api.services.storage.names("jobs") == []


@pytest.mark.parametrize(
    ("body", "single", "items"),
    [
        ({"json": {"url": "x"}}, True, 1),
        ({"json": {"urls": ["x", "y"]}}, False, 2),
        ({"json": {"items": [{"url": "x"}]}}, False, 1),
        ({"data": {"file": [(io.BytesIO(b"a"), "a.png"), (io.BytesIO(b"b"), "b.png")]}}, False, 2),
    ],
)
def test_every_body_can_be_checked(api: ApiWorld, body: dict[str, Any], single: bool, items: int) -> None:
    found = api.post(f"{PATH}?check=1", **body).json

    assert found is not None
    assert (found["accepted"], found["single"], found["items"]) == (True, single, items)
    assert api.services.storage.names("jobs") == []


def test_a_dry_run_finds_what_the_request_would_be_refused_for(make_api: MakeApi) -> None:
    api = make_api(max_items=150, max_queued_items=100)
    api.publish()
    api.single()
    api.publish("cars")

    answer = api.post(f"{PATH}?check=1", data=b"a\n" * 3 + b"\xff\n" * 120 + b"b\n" * 150, content_type="text/plain")

    assert answer.status_code == 200
    found = answer.json
    assert found is not None
    assert (found["accepted"], found["model"], found["items"]) == (False, None, 153)
    assert [problem["code"] for problem in found["problems"]] == ["too_many_items", "model_required"]
    assert (len(found["errors"]), found["errors_total"]) == (100, 120)
    assert found["errors"][0]["field"] == "line 4"

    many = b"".join(b"%d\n" % n for n in range(101))
    full = api.post(f"{PATH}?check=1&model=pets", data=many, content_type="text/plain")
    assert [problem["code"] for problem in field_of(full, "problems")] == ["queue_full"]


@pytest.mark.parametrize("check", ["", "&check=1"])
@pytest.mark.parametrize("query", ["top_k=0", "model=No", "color=red", "top_k=1&top_k=2", "check=maybe"])
def test_wrong_options_are_errors_of_a_dry_run_too(api: ApiWorld, query: str, check: str) -> None:
    answer = api.post(f"{PATH}?{query}{check}", data=TEXT, content_type="text/plain")

    assert answer.status_code == 422
    assert field_of(answer, "errors")[0]["field"] == query.partition("=")[0]


def test_wrong_lines_are_named_and_nothing_is_created(api: ApiWorld) -> None:
    answer = api.post(data=b"http://example.org/a\n\n" + b"x" * 9000 + b"\n", content_type="text/plain")

    assert answer.status_code == 422
    assert field_of(answer, "code") == "invalid_request"
    assert [error["field"] for error in field_of(answer, "errors")] == ["line 3"]
    assert api.services.jobs.page().jobs == []
    assert api.services.storage.names("jobs") == []


def test_a_list_and_wrong_options_are_named_together(api: ApiWorld) -> None:
    answer = api.post(json={"urls": ["x", ""], "top_k": 0, "color": 1})

    assert {error["field"] for error in field_of(answer, "errors")} == {"urls.1", "top_k", "color"}


def test_of_a_key_that_comes_twice_the_last_counts(api: ApiWorld) -> None:
    body = b'{"top_k": 0, "urls": ["a", "", "b"], "urls": ["c"], "top_k": 2}'

    answer = api.post(data=body, content_type="application/json")

    assert answer.status_code == 202, answer.text
    job_id = field_of(answer, "id")
    lines = api.services.storage.read_bytes(f"jobs/{job_id}/input/00000000.ndjson").splitlines()
    assert [json.loads(line)["url"] for line in lines] == ["c"]
    assert api.services.jobs.get(job_id).spec["top_k"] == 2


def test_a_key_that_comes_again_and_again_is_refused(api: ApiWorld) -> None:
    for again in ('"top_k": 1,', '"urls": [],'):
        answer = api.post(data="{" + again * 101 + '"url": "a"}', content_type="application/json")

        assert answer.status_code == 422, answer.text
        assert "At most 100 fields" in field_of(answer, "detail")


def test_a_value_that_is_far_too_long_is_named(api: ApiWorld) -> None:
    for body, field in [
        ({"url": "x" * 200_000}, "url"),
        ({"urls": ["a", "x" * 200_000]}, "urls.1"),
        ({"model": "x" * 200_000, "url": "a"}, "model"),
        ("x" * 200_000, "body"),
    ]:
        answer = api.post(json=body)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in field_of(answer, "errors")] == [field]


def test_a_list_sent_again_with_its_key_is_the_same_job_whatever_its_type(api: ApiWorld) -> None:
    headers = {"Idempotency-Key": "once"}
    first = api.post(data=TEXT, content_type="text/plain", headers=headers)
    again = api.post(json={"urls": TEXT.decode().split()}, headers=headers)
    other = api.post(data=TEXT + b"c\n", content_type="text/plain", headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (202, 200, 422)
    assert field_of(again, "id") == field_of(first, "id")


def test_a_full_queue_is_told_before_anything_is_stored(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api(max_queued_items=2)
    api.publish()
    api.single()
    monkeypatch.setattr("api.intake.chunk_writer.ChunkWriter.add", lambda *_: pytest.fail("something was stored"))

    assert api.post(data=TEXT, content_type="text/plain").status_code == 429
