"""What comes back of a list: repeats, what was not done, what is damaged."""

from __future__ import annotations

import json
import time

import pytest

from shared.jobs.chunks import read_chunk
from shared.jobs.files import image_path
from shared.storage import Storage
from tests.support.api_world import ApiWorld, count_inputs
from tests.support.lists import BODIES, field_of, results


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
