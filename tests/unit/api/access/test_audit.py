"""What requests leave in the audit log."""

from __future__ import annotations

from pathlib import Path

from shared import audit
from tests.support.access import HTML, SignedIn, bearer
from tests.support.api_world import URL, ApiWorld
from tests.support.toy_versions import toy_version
from tests.unit.api.access.conftest import KeyedWorld


def lines(folder: Path) -> list[tuple[str | None, str, str]]:
    return [(line["who"], line["action"], line["target"]) for line in reversed(audit.newest(folder, 50))]


def test_promoting_and_deleting_are_noted_with_who_did_it(keyed: KeyedWorld) -> None:
    api = keyed.api
    api.publish(version=2, serve=False)
    path = "/api/v1/models/pets"
    api.post(f"{path}/promote", json={"version": 2}, headers=bearer(keyed.keys["train"]))
    api.open("DELETE", f"{path}/versions/1", headers=bearer(keyed.keys["train"]))
    api.open("DELETE", f"{path}/versions/1", headers=bearer(keyed.keys["admin"]))
    api.open("DELETE", f"{path}/versions/2", headers=bearer(keyed.keys["admin"]))

    assert lines(api.folder) == [
        ("train", "promoted", f"{path}/promote"),
        ("admin", "deleted version", f"{path}/versions/1"),
    ]
    promoted = audit.newest(api.folder, 50)[-1]
    assert (promoted["version"], promoted["from"]) == (2, "127.0.0.1")


def test_pages_are_noted_like_the_api(keyed: KeyedWorld) -> None:
    keyed.api.publish(version=2, serve=False)
    browser = SignedIn(keyed.api.app, keyed.keys["train"])
    browser.post("/models/pets/2/promote")
    browser.post("/models/pets/7/promote")
    browser.client.post("/models/pets/1/promote")

    assert lines(keyed.api.folder) == [
        ("train", "signed in", "/sign-in"),
        ("train", "promoted", "/models/pets/2/promote"),
    ]


def test_a_model_is_noted_however_it_is_brought_in_and_once_however_often_it_is_sent(keyed: KeyedWorld) -> None:
    api = keyed.api
    toy_version(api.services.storage)
    fields = {"path": "mine.keras", "dataset": "pets"}
    how = {"width": 24, "height": 24, "color": "rgb", "scale": "0..1", "resize": "pad", "interpolation": "area"}
    as_json = {**fields, "labels": ["cat", "dog"], "input": how}
    browser = SignedIn(api.app, keyed.keys["train"])
    headers = {**bearer(keyed.keys["train"]), "Idempotency-Key": "k"}
    form = {**fields, "model": "yours", "labels": "cat\ndog", "form_token": browser.token, "once": "k"}
    form |= {f"input.{name}": str(value) for name, value in how.items()}

    for _ in range(2):
        sent = api.post("/api/v1/models/mine/versions", json=as_json, headers=headers)
        assert sent.status_code in {200, 202}
        page = browser.client.post("/train/elsewhere", data=form)
        assert page.status_code == 303, page.text

    assert lines(api.folder)[1:] == [
        ("train", "brought in model", "/api/v1/models/mine/versions"),
        ("train", "brought in model", "/train/elsewhere"),
    ]
    assert audit.newest(api.folder, 1)[0]["model"] == "yours"


def test_where_there_are_no_keys_nobody_signs_in(api: ApiWorld) -> None:
    assert api.post("/sign-in").status_code == 303

    assert lines(api.folder) == []


def test_reading_and_classifying_leave_no_line(keyed: KeyedWorld) -> None:
    keyed.api.post(json={"url": URL}, headers=bearer(keyed.keys["classify"]))
    keyed.api.get("/api/v1/models", headers=bearer(keyed.keys["classify"]))

    assert lines(keyed.api.folder) == []


def test_an_admin_who_cancels_a_job_of_somebody_else_is_noted(keyed: KeyedWorld) -> None:
    for name in ("classify", "admin"):
        answer = keyed.api.post(json={"url": URL}, headers=bearer(keyed.keys[name]))
        path = f"/api/v1/jobs/{answer.json['id']}/cancel"  # type: ignore[index]
        keyed.api.post(path, headers=bearer(keyed.keys["admin"]))

    (line,) = audit.newest(keyed.api.folder, 50)
    assert (line["who"], line["action"], line["owner"]) == ("admin", "canceled job", "classify")


def test_without_keys_nobody_is_named(api: ApiWorld) -> None:
    api.publish(version=2, serve=False)
    api.post("/api/v1/models/pets/promote", json={"version": 2})

    assert lines(api.folder) == [(None, "promoted", "/api/v1/models/pets/promote")]


def test_admins_see_the_log_and_nobody_else(keyed: KeyedWorld) -> None:
    audit.record(keyed.api.folder, "ann", "promoted", "/models/<b>/2/promote")
    admin = SignedIn(keyed.api.app, keyed.keys["admin"])
    page = admin.get("/audit")

    assert page.status_code == 200
    assert "/models/&lt;b&gt;/2/promote" in page.text
    assert "Audit log</a>" in page.text
    assert keyed.api.get("/audit", headers={"Accept": HTML, **bearer(keyed.keys["train"])}).status_code == 403
