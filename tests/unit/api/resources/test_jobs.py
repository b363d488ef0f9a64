from __future__ import annotations

import re

import pytest

from shared.errors import HttpStatus
from shared.ids import new_id
from tests.support.api_world import ApiWorld
from tests.unit.api.conftest import MakeApi

OLD = "00000000-0001-7000-8000-000000000000"


def status_and_code(api: ApiWorld, method: str, path: str) -> tuple[int, str]:
    answer = api.open(method, path)
    return answer.status_code, (answer.json or {}).get("code", "")


@pytest.mark.parametrize("job_id", ["x", "%00", "☃", new_id(), "a" * 5000, "x:units", "x:counts", "..", "%2e%2e"])
@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/cancel"),
        ("GET", "/results"),
        ("GET", "/events"),
        ("GET", "/items/0/image"),
    ],
)
def test_an_unknown_job_is_a_404_however_it_is_spelled(api: ApiWorld, job_id: str, method: str, suffix: str) -> None:
    assert status_and_code(api, method, f"/api/v1/jobs/{job_id}{suffix}") == (404, "job_not_found")


def test_the_keys_beside_a_job_are_no_jobs(api: ApiWorld) -> None:
    job_id = api.single()

    assert status_and_code(api, "GET", f"/api/v1/jobs/{job_id}:units") == (404, "job_not_found")


def test_a_job_older_than_its_time_to_live_has_expired(api: ApiWorld) -> None:
    assert status_and_code(api, "GET", f"/api/v1/jobs/{OLD}") == (410, "job_expired")


def test_a_job_shows_its_times_and_its_result(api: ApiWorld) -> None:
    job_id = api.single()
    api.classify(job_id, score=0.9)

    job = api.get(f"/api/v1/jobs/{job_id}").json

    assert job is not None
    for name in ("created_at", "started_at", "finished_at"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", job[name])
    assert job["status"] == "succeeded"
    assert (job["result"]["label"], job["result"]["score"]) == ("cat", 0.9)
    assert job["links"] == {
        "self": f"/api/v1/jobs/{job_id}",
        "results": f"/api/v1/jobs/{job_id}/results",
        "events": f"/api/v1/jobs/{job_id}/events",
        "page": f"/jobs/{job_id}",
    }


def test_a_failed_picture_is_a_failed_job_with_its_error(api: ApiWorld) -> None:
    job_id = api.single()
    api.fail(job_id, HttpStatus("The host answered 404."))

    job = api.get(f"/api/v1/jobs/{job_id}").json

    assert job is not None
    assert job["status"] == "failed"
    assert job["error"] == {"code": "http_status", "message": "The host answered 404."}
    assert job["result"]["status"] == "failed"


def test_jobs_are_listed_newest_first_in_pages(api: ApiWorld) -> None:
    made = [api.single() for _ in range(5)]
    seen: list[str] = []
    path = "/api/v1/jobs?limit=2"
    while True:
        page = api.get(path).json
        assert page is not None
        seen += [job["id"] for job in page["items"]]
        if page["next_cursor"] is None:
            break
        path = f"/api/v1/jobs?limit=2&cursor={page['next_cursor']}"

    assert seen == made[::-1]


def test_jobs_are_listed_by_kind_and_status(api: ApiWorld) -> None:
    training, first, second = api.training(), api.single(), api.single()
    api.classify(first)

    def listed(query: str) -> list[str]:
        page = api.get(f"/api/v1/jobs?{query}").json
        assert page is not None
        return [job["id"] for job in page["items"]]

    assert listed("kind=training") == [training]
    assert listed("status=succeeded") == [first]
    assert listed("kind=classification&status=queued") == [second]
    assert listed("kind=import") == []
    assert listed("kind=&status=") == listed("")
    assert listed("limit=&cursor=") == listed("")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("kind=nothing", "kind"),
        ("cursor=nothing", "cursor"),
        ("color=red", "color"),
        ("limit=1&limit=2", "limit"),
    ],
)
def test_a_wrong_query_is_named(api: ApiWorld, query: str, field: str) -> None:
    answer = api.get(f"/api/v1/jobs?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == [field]


@pytest.mark.parametrize("suffix", ["", "/cancel", "/events", "/items/0/image"])
def test_an_endpoint_without_a_query_takes_none(api: ApiWorld, suffix: str) -> None:
    method = "POST" if suffix == "/cancel" else "GET"
    answer = api.open(method, f"/api/v1/jobs/{api.single()}{suffix}?color=red&size=2")

    assert answer.status_code == 422
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == ["color", "size"]


def test_a_waiting_job_is_canceled_at_once_and_only_once(api: ApiWorld) -> None:
    job_id = api.single()

    answer = api.post(f"/api/v1/jobs/{job_id}/cancel")

    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["status"] == "canceled"
    assert status_and_code(api, "POST", f"/api/v1/jobs/{job_id}/cancel") == (409, "job_finished")


def test_a_running_training_is_told_to_stop_and_what_to_keep(api: ApiWorld) -> None:
    job_id = api.training()
    api.units.claim(f"{job_id}:0", "token")

    answer = api.post(f"/api/v1/jobs/{job_id}/cancel", json={"keep": True})

    assert answer.status_code == 202
    assert answer.json is not None
    assert answer.json["status"] == "canceling"
    assert api.redis.hget(f"loupe:job:{job_id}", "cancel") == '{"keep": true}'


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"json": {}}, 202),
        ({"json": {"keep": False}}, 202),
        ({"json": {"keep": True}}, 202),
        ({"json": {"keep": "yes"}}, 422),
        ({"json": {"other": 1}}, 422),
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"keep=1", "content_type": "text/plain"}, 415),
    ],
)
def test_cancel_takes_an_empty_body_or_its_one_field(api: ApiWorld, options: dict[str, object], status: int) -> None:
    assert api.post(f"/api/v1/jobs/{api.single()}/cancel", **options).status_code == status


def test_an_ended_job_is_forgotten_with_its_files(api: ApiWorld) -> None:
    job_id = api.single()
    assert status_and_code(api, "DELETE", f"/api/v1/jobs/{job_id}") == (409, "job_not_finished")
    api.classify(job_id, picture=b"JPEG")

    answer = api.open("DELETE", f"/api/v1/jobs/{job_id}")

    assert (answer.status_code, answer.data) == (204, b"")
    assert api.services.storage.names("jobs") == []
    assert status_and_code(api, "GET", f"/api/v1/jobs/{job_id}") == (404, "job_not_found")
    page = api.get("/api/v1/jobs").json
    assert page is not None
    assert page["items"] == []


def test_the_small_picture_of_an_item_is_shown(api: ApiWorld) -> None:
    job_id = api.single()
    path = f"/api/v1/jobs/{job_id}/items/0/image"
    assert status_and_code(api, "GET", path) == (404, "no_image")
    api.classify(job_id, picture=b"JPEG")

    answer = api.get(path)

    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", b"JPEG")
    for index in ("1", "9" * 300, "9" * 4000):
        assert status_and_code(api, "GET", f"/api/v1/jobs/{job_id}/items/{index}/image") == (404, "no_image")
    assert status_and_code(api, "GET", f"/api/v1/jobs/{job_id}/items/-1/image")[0] == 404


def test_a_job_is_kept_when_its_files_cannot_be_removed(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.errors import StorageUnavailable

    api = make_api()
    api.publish()
    job_id = api.single()
    api.classify(job_id)

    def broken(_: object, path: str) -> None:
        raise StorageUnavailable(path)

    monkeypatch.setattr("shared.storage.Storage.delete", broken)

    assert status_and_code(api, "DELETE", f"/api/v1/jobs/{job_id}") == (503, "storage_unavailable")
    assert api.get(f"/api/v1/jobs/{job_id}").status_code == 200
