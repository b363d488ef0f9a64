"""Who asks, and whose a job is."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.jobs.model import Kind
from tests.support.access import add_key, bearer, revoke
from tests.support.api_world import URL
from tests.support.schedule_calls import PATH, TRAINING, imported
from tests.support.schedule_world import store_dataset
from tests.unit.api.access.conftest import KeyedWorld
from tests.unit.api.conftest import MakeApi


def made_by(keyed: KeyedWorld, name: str, **headers: str) -> str:
    answer = keyed.api.post(json={"url": URL}, headers={**bearer(keyed.keys[name]), **headers})
    assert answer.status_code in {200, 202}, answer.text
    assert answer.json is not None
    return str(answer.json["id"])


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER  {} "])
def test_a_key_is_shown_as_rfc_6750_says(keyed: KeyedWorld, spelling: str) -> None:
    headers = {"Authorization": spelling.format(keyed.keys["classify"])}

    assert keyed.api.get("/api/v1/jobs", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {}", "{}", "Bearer {}x", "Bearer \u00e9", "Token {}"]
)
def test_anything_else_is_no_key(keyed: KeyedWorld, header: str) -> None:
    headers = {"Authorization": header.format(keyed.keys["admin"])}

    assert keyed.api.get("/api/v1/jobs", headers=headers).status_code == 401


def test_a_key_in_the_query_is_no_key_and_not_repeated(keyed: KeyedWorld) -> None:
    answer = keyed.api.get(f"/api/v1/models?key={keyed.keys['admin']}")

    assert answer.status_code == 401
    assert keyed.keys["admin"] not in answer.text


def test_a_new_key_lets_in_and_a_revoked_one_does_not_without_a_restart(keyed: KeyedWorld) -> None:
    new = bearer(add_key(keyed.path, "late", "classify"))
    assert keyed.api.get("/api/v1/jobs", headers=new).status_code == 200

    revoke(keyed.path, "late")

    assert keyed.api.get("/api/v1/jobs", headers=new).status_code == 401


@pytest.mark.parametrize("damage", ["gone", "broken", "writable"])
def test_a_file_that_breaks_later_lets_nobody_in_until_it_is_mended(keyed: KeyedWorld, damage: str) -> None:
    good = keyed.path.read_bytes()
    if damage == "gone":
        keyed.path.unlink()
    elif damage == "broken":
        keyed.path.write_bytes(good[:-9])
    else:
        keyed.path.chmod(0o666)

    for headers in ({}, bearer(keyed.keys["admin"])):
        answer = keyed.api.get("/api/v1/jobs", headers=headers)
        assert answer.status_code in {401, 503}
        assert answer.status_code == 503 or not headers
    assert keyed.api.get("/healthz").status_code == 200

    keyed.path.write_bytes(good)
    keyed.path.chmod(0o600)
    assert keyed.api.get("/api/v1/jobs", headers=bearer(keyed.keys["admin"])).status_code == 200


def test_with_keys_loupe_may_be_asked_by_any_name(keyed: KeyedWorld) -> None:
    headers = {**bearer(keyed.keys["classify"]), "Host": "loupe.example"}

    assert keyed.api.get("/api/v1/jobs", headers=headers).status_code == 200


def test_a_page_of_another_site_changes_nothing_with_keys_either(keyed: KeyedWorld) -> None:
    headers = {**bearer(keyed.keys["classify"]), "Sec-Fetch-Site": "cross-site"}

    assert keyed.api.post(json={"url": URL}, headers=headers).status_code == 403
    assert keyed.api.get("/jobs", headers=headers).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/cancel"), ("POST", "/webhook")])
def test_jobs_of_others_take_an_admin(keyed: KeyedWorld, method: str, path: str) -> None:
    job = made_by(keyed, "classify")

    refused = keyed.api.open(method, f"/api/v1/jobs/{job}{path}", headers=bearer(keyed.keys["train"]))
    own = keyed.api.open(method, f"/api/v1/jobs/{job}{path}", headers=bearer(keyed.keys["classify"]))
    admin = keyed.api.open(method, f"/api/v1/jobs/{job}{path}", headers=bearer(keyed.keys["admin"]))

    assert refused.status_code == 403
    assert refused.json is not None
    assert "belongs to classify" in refused.json["detail"]
    assert 403 not in {own.status_code, admin.status_code}


def test_a_job_of_nobody_takes_an_admin_too(keyed: KeyedWorld) -> None:
    job = keyed.api.training()

    assert keyed.api.post(f"/api/v1/jobs/{job}/cancel", headers=bearer(keyed.keys["train"])).status_code == 403
    assert keyed.api.post(f"/api/v1/jobs/{job}/cancel", headers=bearer(keyed.keys["admin"])).status_code == 202


def test_the_jobs_of_a_run_belong_to_who_asked_for_it(keyed: KeyedWorld) -> None:
    store_dataset(keyed.api.services.storage)
    # Given a schedule of somebody else
    schedule = {"name": "weekly", "cron": "0 3 * * 1", "training": TRAINING}
    assert keyed.api.post(PATH, json=schedule, headers=bearer(keyed.keys["admin"])).status_code == 201
    train = bearer(keyed.keys["train"])

    run = keyed.api.post(f"{PATH}/weekly/run", headers=train)
    assert (run.status_code, run.json["owner"]) == (202, "train")  # type: ignore[index]
    imported(keyed.api)
    (training,) = keyed.api.services.jobs.page(kind=Kind.TRAINING).jobs

    # When the scheduler has made its training, too
    assert training.owner == "train"
    assert keyed.api.post(f"/api/v1/jobs/{training.id}/cancel", headers=train).status_code == 202
    assert "owner" not in keyed.api.get(f"{PATH}/weekly", headers=train).json["runs"][0]  # type: ignore[index]


def test_everybody_with_a_key_reads_all_jobs_and_sees_whose_they_are(keyed: KeyedWorld) -> None:
    job = made_by(keyed, "train")

    answer = keyed.api.get(f"/api/v1/jobs/{job}", headers=bearer(keyed.keys["classify"]))

    assert answer.json is not None
    assert answer.json["owner"] == "train"


def test_an_idempotency_key_is_one_access_keys_own(keyed: KeyedWorld) -> None:
    first = made_by(keyed, "classify", **{"Idempotency-Key": "one"})

    assert made_by(keyed, "classify", **{"Idempotency-Key": "one"}) == first
    assert made_by(keyed, "train", **{"Idempotency-Key": "one"}) != first


def test_without_keys_a_job_belongs_to_nobody_and_everybody_may_cancel_it(make_api: MakeApi, tmp_path: Path) -> None:
    api = make_api()
    api.publish()
    job = api.single()

    assert api.get(f"/api/v1/jobs/{job}").json["owner"] is None  # type: ignore[index]
    assert api.post(f"/api/v1/jobs/{job}/cancel").status_code == 202
    assert api.get("/api/v1/jobs", headers=bearer("loupe_whatever")).status_code == 200
