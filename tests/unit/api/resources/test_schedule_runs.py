"""A schedule that is run now."""

from __future__ import annotations

from typing import Any

import pytest

from shared.jobs.model import Kind
from shared.schedules.record import Schedule
from shared.schedules.runs import Runs
from tests.support.api_world import ApiWorld
from tests.support.schedule_calls import PATH, ask, end, go_on, imported, shown
from tests.support.schedule_world import VERSION, store_dataset


@pytest.fixture
def api(api: ApiWorld) -> ApiWorld:
    store_dataset(api.services.storage)
    return api


def test_run_now_begins_with_the_import_and_goes_on_to_the_training(api: ApiWorld) -> None:
    ask(api)

    answer = api.post(f"{PATH}/weekly/run")

    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["kind"], answer.json["status"]) == ("import", "queued")
    assert answer.headers["Location"] == f"/api/v1/jobs/{answer.json['id']}"
    assert api.redis.llen("loupe:train") == 1
    (run,) = shown(api)["runs"]
    assert (run["import_job"], run["job"], run["outcome"], run["due_at"]) == (answer.json["id"], None, None, None)
    assert run["links"] == {"import": f"/api/v1/jobs/{answer.json['id']}"}
    assert shown(api)["last_job"] is None
    # When its jobs end
    imported(api)
    (run,) = shown(api)["runs"]
    assert shown(api)["last_job"] == run["job"]
    assert (run["dataset"], run["added"], run["removed"]) == (f"pets@{VERSION}", 2, 1)
    trained = {"model": {"name": "pets", "version": 3}, "promoted": True, "reason": "It is better."}
    assert end(api, Kind.TRAINING, trained) == run["job"]
    # Then the run has ended at once, before the scheduler looks
    (run,) = shown(api)["runs"]
    assert (run["outcome"], run["detail"]) == ("ran", "It is better.")
    assert (run["version"], run["promoted"]) == (3, True)
    assert run["links"]["version"] == "/api/v1/models/pets/versions/3"
    assert shown(api)["last_run_at"] == run["at"]
    # And another one may begin at once, too
    assert api.post(f"{PATH}/weekly/run").status_code == 202
    assert [run["outcome"] for run in shown(api)["runs"]] == [None, "ran"]


def test_run_now_while_a_run_goes_on_is_refused_and_noted(api: ApiWorld) -> None:
    ask(api)
    first = api.post(f"{PATH}/weekly/run", json={})
    assert first.status_code == 202, first.text

    answer = api.post(f"{PATH}/weekly/run")

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "job_not_finished")
    assert first.json is not None
    assert first.json["id"] in answer.json["detail"]
    assert [run["outcome"] for run in shown(api)["runs"]] == ["skipped_overlap", None]


def test_the_same_request_with_the_same_key_is_one_run(api: ApiWorld) -> None:
    ask(api)
    headers = {"Idempotency-Key": "tonight"}
    first, again = (api.post(f"{PATH}/weekly/run", headers=headers) for _ in range(2))
    assert first.json is not None
    assert again.json is not None
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json["id"] == first.json["id"]
    assert len(shown(api)["runs"]) == 1


def test_a_key_is_kept_when_the_scheduler_makes_the_job_first(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(api)
    begin = Runs.begin

    def begin_and_be_overtaken(*asked: Any, **options: Any) -> Schedule | None:
        begun = begin(*asked, **options)
        go_on(api)
        return begun

    monkeypatch.setattr(Runs, "begin", begin_and_be_overtaken)
    headers = {"Idempotency-Key": "tonight"}
    first, again = (api.post(f"{PATH}/weekly/run", headers=headers) for _ in range(2))
    assert first.json is not None
    assert again.json is not None
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json["id"] == first.json["id"]
    assert len(shown(api)["runs"]) == 1


def test_the_same_request_sent_twice_at_once_is_one_run(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(api)
    headers = {"Idempotency-Key": "tonight"}
    first = api.post(f"{PATH}/weekly/run", headers=headers).json
    # Given a second one that looked for the key before the first had made its job
    monkeypatch.setattr("api.schedules.replay", lambda *_: None)
    again = api.post(f"{PATH}/weekly/run", headers=headers)
    assert first is not None
    assert again.json is not None
    assert (again.status_code, again.json["id"]) == (200, first["id"])
    assert [run["outcome"] for run in shown(api)["runs"]] == [None]


def test_a_key_never_stands_for_the_job_of_the_run_before(api: ApiWorld) -> None:
    # Given a run whose import has ended, and that nobody took further yet
    ask(api)
    api.post(f"{PATH}/weekly/run")
    found = {"dataset": {"name": "pets", "version": VERSION}, "created": False, "report": {"added": 2, "removed": 1}}
    end(api, Kind.IMPORT, found)
    # When somebody asks for one with a key
    headers = {"Idempotency-Key": "tonight"}
    assert [api.post(f"{PATH}/weekly/run", headers=headers).status_code for _ in range(2)] == [409, 409]
    # Then the first run is taken further, and the key is nobody's
    assert shown(api)["last_job"] is not None


def test_run_now_takes_no_fields(api: ApiWorld) -> None:
    ask(api)
    assert api.post(f"{PATH}/weekly/run", json={"force": True}).status_code == 422


def test_run_now_into_a_full_queue_is_refused_and_noted(make_api: Any) -> None:
    api: ApiWorld = make_api(max_queued_items=1)
    store_dataset(api.services.storage)
    ask(api)
    api.training()
    answer = api.post(f"{PATH}/weekly/run")
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert [run["outcome"] for run in shown(api)["runs"]] == ["failed"]


def test_run_now_without_a_dataset_says_so(api: ApiWorld) -> None:
    ask(api)
    api.services.storage.delete("datasets/pets")
    answer = api.post(f"{PATH}/weekly/run")
    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (409, "schedule_cannot_run")
    assert "There is no dataset named 'pets'" in answer.json["detail"]
