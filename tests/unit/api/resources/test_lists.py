"""Lists through the API: every type of body, dry runs, repeats, and what comes back."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.jobs.chunks import read_chunk
from shared.jobs.files import image_path
from shared.storage import Storage
from tests.support.api_world import ApiWorld, count_inputs
from tests.unit.api.conftest import MakeApi

PATH = "/api/v1/classifications"
CSV = b"id,url\nfirst,http://example.org/a\nsecond,http://example.org/b\nthird,http://example.org/a\n"
TEXT = b"http://example.org/a\nhttp://example.org/b\nhttp://example.org/a\n"
NDJSON = b'{"url": "http://example.org/a"}\n{"url": "http://example.org/b"}\n{"url": "http://example.org/a"}\n'
BODIES = [("text/csv", CSV), ("text/plain; charset=UTF-8", TEXT), ("application/x-ndjson", NDJSON)]


def field_of(answer: TestResponse, name: str) -> Any:
    assert answer.json is not None, answer.text
    return answer.json[name]


def results(api: ApiWorld, job_id: str, query: str = "limit=1000") -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/jobs/{job_id}/results?{query}")
    assert answer.status_code == 200, answer.text
    return list(field_of(answer, "items"))


@pytest.mark.parametrize(("media", "body"), BODIES)
def test_a_body_of_lines_is_a_list_with_its_options_in_the_query(api: ApiWorld, media: str, body: bytes) -> None:
    answer = api.post(f"{PATH}?top_k=2&threshold=0.5&model=pets@1&max_failure_rate=0.1", data=body, content_type=media)

    assert answer.status_code == 202, answer.text
    assert (field_of(answer, "single"), field_of(answer, "progress")["total"]) == (False, 3)
    spec = api.services.jobs.get(field_of(answer, "id")).spec
    assert spec["model"] == {"name": "pets", "version": 1}
    assert (spec["top_k"], spec["threshold"], spec["max_failure_rate"], spec["pinned"]) == (2, 0.5, 0.1, True)


@pytest.mark.parametrize(("media", "body"), BODIES)
def test_each_url_is_worked_on_once_and_answered_everywhere(api: ApiWorld, media: str, body: bytes) -> None:
    job_id = field_of(api.post(data=body, content_type=media), "id")
    claim = api.units.claim(f"{job_id}:0", "token")
    assert claim is not None
    assert [(item.index, item.repeats) for item in read_chunk(api.services.storage, claim)] == [(0, 1), (1, 0)]
    api.units.release(f"{job_id}:0", claim.attempt)
    api.work_on_list(job_id)

    job = api.get(f"/api/v1/jobs/{job_id}").json
    assert job is not None
    assert (job["status"], job["progress"]) == ("succeeded", {"done": 3, "failed": 0, "total": 3})
    assert job["result"]["labels"] == {"cat": 3}
    found = results(api, job_id)
    assert [item["index"] for item in found] == [0, 1, 2]
    assert found[2] == found[0] | {"index": 2, "id": found[2]["id"]}
    assert "repeats" not in found[0]
    if media == "text/csv":
        assert [item["id"] for item in found] == ["first", "second", "third"]


@pytest.fixture
def repeating(api: ApiWorld) -> str:
    """A list of 1,000 items of which every URL but 250 came before, and every third of those fails."""
    items = [{"id": f"n{n}", "url": f"http://example.org/{n * 7 % 250}"} for n in range(1000)]
    job_id = str(field_of(api.post(json={"items": items}), "id"))
    api.work_on_list(job_id)
    return job_id


def test_repeats_stand_in_their_places_on_every_page(api: ApiWorld, repeating: str) -> None:
    whole = results(api, repeating)
    assert [item["index"] for item in whole] == list(range(1000))
    assert [item["id"] for item in whole] == [f"n{n}" for n in range(1000)]
    assert [item["url"] for item in whole] == [f"http://example.org/{n * 7 % 250}" for n in range(1000)]
    for n in (250, 333, 999):
        assert whole[n]["status"] == whole[n % 250]["status"]

    for start in (0, 1, 249, 250, 251, 600, 999):
        assert results(api, repeating, f"limit=7&cursor={start}") == whole[start : start + 7]
    assert results(api, repeating, "cursor=1000") == []
    failed = results(api, repeating, "status=failed&limit=1000")
    assert failed == [item for item in whole if item["status"] == "failed"]
    stream = api.get(f"/api/v1/jobs/{repeating}/results?format=ndjson").text.splitlines()
    assert [json.loads(line) for line in stream] == whole


def test_a_repeat_shows_the_picture_of_the_first(api: ApiWorld, repeating: str) -> None:
    # The URL of item 257 came first at 7.
    api.services.storage.write_bytes(image_path(repeating, 7), b"a small picture")

    for index in (7, 257, 757):
        assert api.get(f"/api/v1/jobs/{repeating}/items/{index}/image").data == b"a small picture"
    for index in (8, 258, 1000):
        assert api.get(f"/api/v1/jobs/{repeating}/items/{index}/image").status_code == 404


def test_repeats_of_what_is_not_done_yet_are_left_out(api: ApiWorld) -> None:
    urls = [f"http://example.org/{n % 20}" for n in range(40)]
    job_id = field_of(api.post(json={"urls": urls}), "id")
    api.work_on_list(job_id, chunks=1)

    assert [item["index"] for item in results(api, job_id)] == [*range(8), *range(20, 28)]


def test_what_a_cancel_left_undone_is_shown_as_canceled(api: ApiWorld) -> None:
    urls = [f"http://user:secret@example.org/{n % 20}" for n in range(40)]
    job_id = field_of(api.post(json={"urls": urls}), "id")
    api.work_on_list(job_id, chunks=1)
    assert api.post(f"/api/v1/jobs/{job_id}/cancel").status_code == 202

    found = results(api, job_id)

    assert [item["index"] for item in found] == list(range(40))
    assert {item["index"] for item in found if item["status"] == "canceled"} == {*range(8, 20), *range(28, 40)}
    assert (found[9]["label"], found[9]["error"], found[9]["predictions"]) == (None, None, [])
    assert "secret" not in json.dumps(found)
    assert len(results(api, job_id, "status=canceled")) == 24


@pytest.mark.parametrize("repeats", [False, True])
@pytest.mark.parametrize("damage", [None, b"not json\n"])
def test_a_results_file_that_is_missing_or_broken_is_a_clear_error(
    api: ApiWorld, repeats: bool, damage: bytes | None
) -> None:
    urls = [f"http://example.org/{n % (5 if repeats else 10)}" for n in range(10)]
    job_id = field_of(api.post(json={"urls": urls}), "id")
    api.work_on_list(job_id)
    (name, *_) = api.services.storage.names(f"jobs/{job_id}/results")
    path = f"jobs/{job_id}/results/{name}"
    api.services.storage.delete(path)
    if damage:
        api.services.storage.write_bytes(path, damage)

    for query in ("", "?format=csv", "?format=ndjson"):
        answer = api.get(f"/api/v1/jobs/{job_id}/results{query}")
        assert (answer.status_code, field_of(answer, "code")) == (409, "results_damaged"), query


def test_a_page_deep_in_a_long_list_asks_for_a_few_units_only(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = field_of(api.post(json={"urls": [f"http://example.org/{n}" for n in range(4_000)]}), "id")
    api.work_on_list(job_id)
    read: list[str] = []
    read_bytes = api.services.storage.read_bytes

    def counted(_: Storage, path: str) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Storage, "read_bytes", counted)

    assert [item["index"] for item in results(api, job_id, "limit=10&cursor=3500")] == list(range(3500, 3510))
    assert len(read) == 1
    units = api.services.jobs.list_units(job_id, 3500, 3)
    assert [unit.first for unit in units] == [3456, 3520, 3584]


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


def test_a_long_read_of_repeats_lets_others_have_their_turn(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = [f"http://example.org/{n % 5}" for n in range(1_000)]
    job_id = field_of(api.post(json={"urls": urls}), "id")
    api.work_on_list(job_id)
    turns: list[float] = []
    monkeypatch.setattr(time, "sleep", turns.append)

    assert results(api, job_id, "label=nothing") == []
    assert turns.count(0) >= 1_000 // 64


def test_a_canceled_list_reads_one_input_line_for_a_repeat(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    urls = [f"http://example.org/{n % 500}" for n in range(1_000)]
    job_id = field_of(api.post(json={"urls": urls}), "id")
    api.post(f"/api/v1/jobs/{job_id}/cancel")
    read = count_inputs(monkeypatch)

    found = results(api, job_id)

    assert [item["url"] for item in found] == urls
    assert {item["status"] for item in found} == {"canceled"}
    assert len(read) == 1_000
