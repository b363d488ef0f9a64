from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from shared.errors import NotAnImage
from tests.support.api_world import ApiWorld

HEADER = "index,id,url,filename,status,label,score,below_threshold,model,version,error_code,error_message"


@pytest.fixture
def listing(api: ApiWorld) -> str:
    """A list of 130 pictures, every third failed."""
    urls = [{"url": f"http://example.org/{n}", "id": f"=id{n}" if n == 1 else None} for n in range(130)]
    job = api.post(json={"items": urls}).json
    assert job is not None
    api.work_on_list(job["id"])
    return str(job["id"])


def results(api: ApiWorld, job_id: str, query: str = "") -> dict[str, Any]:
    answer = api.get(f"/api/v1/jobs/{job_id}/results?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def test_a_single_job_has_one_result_or_none_yet(api: ApiWorld) -> None:
    job_id = api.single()
    assert results(api, job_id) == {"items": [], "next_cursor": None}
    api.classify(job_id)

    job = api.get(f"/api/v1/jobs/{job_id}").json
    assert job is not None
    assert results(api, job_id)["items"] == [job["result"]]


def test_a_failed_picture_is_a_result_too(api: ApiWorld) -> None:
    job_id = api.single()
    api.fail(job_id, NotAnImage())

    (item,) = results(api, job_id)["items"]
    assert (item["status"], item["label"], item["predictions"]) == ("failed", None, [])
    assert item["error"]["code"] == "not_an_image"


@pytest.mark.parametrize("limit", [1, 7, 64, 65, 130, 1000])
def test_pages_hold_every_item_once_in_input_order(api: ApiWorld, listing: str, limit: int) -> None:
    seen, cursor = [], "0"
    for _ in range(200):
        page = results(api, listing, f"limit={limit}&cursor={cursor}")
        assert len(page["items"]) <= limit
        seen += [item["index"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = page["next_cursor"]

    assert seen == list(range(130))


def test_a_page_has_a_hundred_items_unless_told_otherwise(api: ApiWorld, listing: str) -> None:
    assert len(results(api, listing)["items"]) == 100


def test_while_a_list_runs_what_is_done_is_there(api: ApiWorld) -> None:
    job = api.post(json={"urls": [f"http://example.org/{n}" for n in range(130)]}).json
    assert job is not None
    api.work_on_list(job["id"], chunks=1)

    page = results(api, job["id"])

    assert [item["index"] for item in page["items"]] == list(range(16))
    assert page["next_cursor"] is None


def test_filters_leave_out_what_is_not_asked_for(api: ApiWorld, listing: str) -> None:
    failed = results(api, listing, "status=failed&limit=1000")["items"]
    assert [item["index"] for item in failed] == list(range(2, 130, 3))
    assert results(api, listing, "label=dog")["items"] == []
    sure = results(api, listing, "min_score=0.2&label=cat")["items"]
    assert [item["index"] for item in sure] == [0, 1, 3, 4]
    assert results(api, listing, "status=failed&min_score=0")["items"] == []
    middling = results(api, listing, "min_score=0.2&max_score=0.5")["items"]
    assert [item["index"] for item in middling] == [3, 4]
    assert len(results(api, listing, "error=internal&limit=1000")["items"]) == len(failed)
    assert results(api, listing, "error=http_status")["items"] == []
    assert results(api, listing, "below_threshold=true")["items"] == []


def test_a_filter_left_empty_filters_nothing(api: ApiWorld, listing: str) -> None:
    query = "status=&label=&min_score=&max_score=&error=&below_threshold="

    assert len(results(api, listing, query)["items"]) == 100


def test_a_page_of_a_filter_goes_on_where_it_stopped(api: ApiWorld, listing: str) -> None:
    first = results(api, listing, "status=failed&limit=3")
    second = results(api, listing, f"status=failed&limit=3&cursor={first['next_cursor']}")

    assert [item["index"] for item in first["items"] + second["items"]] == [2, 5, 8, 11, 14, 17]


def test_ndjson_streams_all_items(api: ApiWorld, listing: str) -> None:
    answer = api.get(f"/api/v1/jobs/{listing}/results?format=ndjson")

    assert answer.mimetype == "application/x-ndjson"
    assert [json.loads(line)["index"] for line in answer.text.splitlines()] == list(range(130))


def test_csv_is_safe_to_open_in_a_spreadsheet(api: ApiWorld, listing: str) -> None:
    answer = api.get(f"/api/v1/jobs/{listing}/results?format=csv")

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 130
    assert rows[0]["label"] == "cat"
    assert (rows[0]["model"], rows[0]["version"], rows[0]["score"]) == ("pets", "1", "1.0")
    assert rows[0]["below_threshold"] == "false"
    assert rows[1]["id"] == "'=id1"
    assert (rows[2]["status"], rows[2]["score"], rows[2]["error_message"]) == ("failed", "", "'=broken")


def test_the_streams_take_the_same_limits(api: ApiWorld, listing: str) -> None:
    answer = api.get(f"/api/v1/jobs/{listing}/results?format=ndjson&limit=2&cursor=64&status=succeeded")

    assert [json.loads(line)["index"] for line in answer.text.splitlines()] == [64, 66]


@pytest.mark.parametrize(
    "query", ["format=xml", "status=queued", "min_score=2", "min_score=nan", "limit=0", "cursor=x", "cursor=-1", "a=1"]
)
def test_a_wrong_query_is_named(api: ApiWorld, listing: str, query: str) -> None:
    answer = api.get(f"/api/v1/jobs/{listing}/results?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


def test_a_training_has_no_results(api: ApiWorld) -> None:
    job_id = api.training()

    answer = api.get(f"/api/v1/jobs/{job_id}/results")

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["code"] == "no_results"
    job = api.get(f"/api/v1/jobs/{job_id}").json
    assert job is not None
    assert job["links"]["results"] is None
