from __future__ import annotations

import io
import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shared.errors import ConnectFailed
from shared.jobs.chunks import read_chunk
from tests.support.api_world import URL, ApiWorld, count_inputs


def retry(api: ApiWorld, job_id: str, **options: Any) -> TestResponse:
    return api.post(f"/api/v1/jobs/{job_id}/retry", **options)


def created(answer: TestResponse, status: int = 202) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    return str(answer.json["id"])


def refused(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


def asked(api: ApiWorld, job_id: str) -> list[dict[str, Any]]:
    """Returns the lines of a list's input."""
    folder = f"jobs/{job_id}/input"
    names = api.services.storage.names(folder)
    return [
        json.loads(line) for name in names for line in api.services.storage.read_bytes(f"{folder}/{name}").splitlines()
    ]


def test_a_list_s_failed_items_are_asked_again_with_their_ids(api: ApiWorld) -> None:
    items = [{"id": f"n{n}", "url": f"http://user:secret@example.org/{n}"} for n in range(100)]
    first = created(api.post(json={"items": items, "top_k": 2, "threshold": 0.4, "max_failure_rate": 0.9}))
    api.work_on_list(first)

    second = created(retry(api, first))

    wanted = range(2, 100, 3)
    assert [line["index"] for line in asked(api, second)] == list(range(len(wanted)))
    assert [line["id"] for line in asked(api, second)] == [f"n{n}" for n in wanted]
    # The results hide passwords; what is fetched again is what was given.
    assert [line["url"] for line in asked(api, second)] == [f"http://user:secret@example.org/{n}" for n in wanted]
    job, spec = api.services.jobs.get(second), api.services.jobs.get(second).spec
    assert (job.progress["total"], job.single) == (33, False)
    assert (spec["top_k"], spec["threshold"], spec["max_failure_rate"]) == (2, 0.4, 0.9)


def test_repeats_are_asked_again_each_with_its_id(api: ApiWorld) -> None:
    items = [{"id": f"n{n}", "url": f"http://example.org/{n % 10}"} for n in range(30)]
    first = created(api.post(json={"items": items}))
    api.work_on_list(first)

    second = created(retry(api, first))

    assert [(line["id"], line["repeats"]) for line in asked(api, second)] == [("n2", 2), ("n5", 2), ("n8", 2)]
    api.work_on_list(second)
    found = api.get(f"/api/v1/jobs/{second}/results").json
    assert found is not None
    assert [item["id"] for item in found["items"]] == [f"n{ten + n}" for ten in (0, 10, 20) for n in (2, 5, 8)]


@pytest.mark.parametrize(("model", "version"), [("pets@1", 1), ("pets", 2), (None, 2)])
def test_a_version_that_was_named_stays_and_another_is_the_served_one(
    api: ApiWorld, model: str | None, version: int
) -> None:
    first = created(api.post(json={"urls": [f"{URL}?{n}" for n in range(3)], "model": model}))
    api.work_on_list(first)
    api.publish(version=2)
    api.publish("cars")

    spec = api.services.jobs.get(created(retry(api, first))).spec

    assert spec["model"] == {"name": "pets", "version": version}


def test_a_single_job_is_tried_again_as_one(api: ApiWorld) -> None:
    first = api.single()
    api.fail(first, ConnectFailed())

    second = created(retry(api, first, json={}))

    claim = api.units.claim(f"{second}:0", "token")
    assert claim is not None
    assert claim.payload["item"]["url"] == URL
    assert api.services.jobs.get(second).single


@pytest.mark.parametrize("count", [1, 5])
def test_uploads_are_copied_and_do_not_need_the_old_job(api: ApiWorld, count: int) -> None:
    pictures = [(io.BytesIO(b"picture %d" % n), f"{n}.png") for n in range(count)]
    first = created(api.post(data={"file": pictures}))
    if count == 1:
        api.fail(first, ConnectFailed())
    else:
        api.work_on_list(first)

    second = created(retry(api, first))
    assert api.open("DELETE", f"/api/v1/jobs/{first}").status_code == 204

    claim = api.units.claim(f"{second}:0", "token")
    assert claim is not None
    item = claim.payload.get("item") or vars(read_chunk(api.services.storage, claim)[0])
    number = 0 if count == 1 else 2
    assert (item["index"], item["filename"]) == (0, f"{number}.png")
    assert api.services.storage.read_bytes(item["upload"]) == b"picture %d" % number


def test_an_upload_that_was_forgotten_is_the_item_s_outcome(api: ApiWorld) -> None:
    first = created(api.post(data={"file": [(io.BytesIO(b"x"), f"{n}.png") for n in range(3)]}))
    api.work_on_list(first)
    api.services.storage.delete(f"jobs/{first}/uploads")

    second = created(retry(api, first))

    assert not api.services.storage.exists(asked(api, second)[0]["upload"])


def test_what_cannot_be_retried_says_why(api: ApiWorld) -> None:
    waiting = api.single()
    assert refused(retry(api, waiting)) == (409, "job_not_finished")
    api.classify(waiting)
    assert refused(retry(api, waiting)) == (409, "nothing_to_retry")
    canceled = created(api.post(json={"urls": [URL]}))
    api.post(f"/api/v1/jobs/{canceled}/cancel")
    assert refused(retry(api, canceled)) == (409, "nothing_to_retry")
    training = api.training()
    assert refused(retry(api, training)) == (409, "wrong_kind")
    assert refused(retry(api, "nobody")) == (404, "job_not_found")
    assert refused(retry(api, waiting, json={"only": [1]})) == (422, "invalid_request")


def test_a_retry_sent_again_with_its_key_is_the_same_job(api: ApiWorld) -> None:
    first = created(api.post(json={"urls": [f"{URL}?{n}" for n in range(3)]}))
    api.work_on_list(first)
    headers = {"Idempotency-Key": "once"}

    second = created(retry(api, first, headers=headers))

    again = retry(api, first, headers=headers)
    assert created(again, 200) == second
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_retry_of_damaged_results_is_a_clear_error(api: ApiWorld) -> None:
    first = created(api.post(json={"urls": [f"{URL}?{n}" for n in range(3)]}))
    api.work_on_list(first)
    api.services.storage.delete(f"jobs/{first}/input")

    assert refused(retry(api, first)) == (409, "results_damaged")


def test_what_failed_is_looked_up_without_reading_what_did_not(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    first = created(api.post(json={"urls": [f"{URL}?{n}" for n in range(1_000)]}))
    api.work_on_list(first)
    read = count_inputs(monkeypatch)

    created(retry(api, first))

    # Each once, and the first one to see whether there is any.
    assert len(read) == len(range(2, 1_000, 3)) + 1


def test_copies_of_failed_uploads_are_counted_without_reading_their_inputs(
    api: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = created(api.post(data={"file": [(io.BytesIO(b"x"), f"{n}.png") for n in range(30)]}))
    api.work_on_list(first)
    read = count_inputs(monkeypatch)

    second = created(retry(api, first))

    assert len(read) == 10 + 1
    assert api.services.jobs.get(second).progress["total"] == 10
