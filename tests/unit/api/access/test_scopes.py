"""Every route, with no key and with a key of each scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.access.scopes import ADMIN, CLASSIFY, OPEN, SCOPES, TRAIN, scope_of
from api.app import create_app
from api.headers import CONTENT_SECURITY_POLICY
from shared.access import Scope
from shared.registry import Sample
from shared.settings import Settings
from tests.support.access import HTML, bearer
from tests.support.manifests import toy_manifest
from tests.support.toy_versions import toy_version
from tests.unit.api.access.conftest import KeyedWorld

# Values that no route finds: what is asked for need not be there to be refused.
VALUES = {"int": "7", "path": "none@1/none.webp"}


def routes() -> Iterator[tuple[str, str, str]]:
    """Yields method, path and endpoint of every route."""
    app = create_app(Settings(data_dir=Path("/nonexistent/loupe")))
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda found: VALUES.get(found[1], "none"), rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, path, rule.endpoint


ROUTES = sorted(routes())


def test_every_route_has_its_scope_and_no_other_has() -> None:
    assert sorted(SCOPES) == sorted({endpoint for _, _, endpoint in ROUTES})


def test_no_route_has_two_scopes() -> None:
    assert len(SCOPES) == len(OPEN) + len(CLASSIFY) + len(TRAIN) + len(ADMIN)


def test_a_route_without_a_scope_needs_the_largest() -> None:
    assert scope_of("from.the.future") is Scope.ADMIN


@pytest.mark.parametrize("presented", ["nothing", "a wrong key", "classify", "train", "admin"])
def test_every_route_lets_in_who_has_its_scope_and_nobody_else(keyed: KeyedWorld, presented: str) -> None:
    headers = {} if presented == "nothing" else bearer(keyed.keys.get(presented, "loupe_wrong"))
    has = Scope(presented) if presented in keyed.keys else None
    for method, path, endpoint in ROUTES:
        needed = SCOPES[endpoint]
        answer = keyed.api.open(method, path, headers=headers)
        status = answer.status_code
        if needed is None or (has and has.covers(needed)):
            # A form without its session is refused, too, but not for its scope.
            assert status not in {401, 500}, (method, path, status)
            assert (answer.json or {}).get("code") != "forbidden", (method, path)
        else:
            expected = 401 if has is None else 403
            assert status == expected, (method, path, status)
            assert answer.json is not None
            assert answer.json["code"] == {401: "unauthorized", 403: "forbidden"}[expected]
            assert ("WWW-Authenticate" in answer.headers) == (expected == 401)


def test_no_cache_between_keeps_what_needs_a_key(keyed: KeyedWorld) -> None:
    api = keyed.api
    sampled = toy_manifest("shapes").model_copy(update={"samples": [Sample(file="sample-0.webp", label="star")]})
    api.services.registry.publish(sampled, {"sample-0.webp": b"RIFF"})
    dataset = f"/api/v1/datasets/pets/versions/{toy_version(api.services.storage).version}"
    there = [
        "/api/v1/models/pets/versions/1/files/model.keras",
        "/samples/shapes@1/sample-0.webp",
        f"{dataset}/files/report.json",
        f"{dataset}/pictures/0",
        "/jobs",
    ]
    admin = {**bearer(keyed.keys["admin"]), "Accept": HTML}
    for path in there:
        answer = api.get(path, headers=admin)
        assert answer.status_code == 200, path
        assert {"private", "no-cache", "no-store"} & set(answer.headers["Cache-Control"].split(", ")), path
    for path in [*there, *(path for method, path, endpoint in ROUTES if method == "GET" and SCOPES[endpoint])]:
        assert "public" not in api.get(path, headers=admin).headers.get("Cache-Control", ""), path


@pytest.mark.parametrize("method", ["OPTIONS", "HEAD"])
def test_what_flask_adds_to_a_route_is_behind_its_scope(keyed: KeyedWorld, method: str) -> None:
    for path in ("/", "/jobs", "/api/v1/jobs", "/api/v1/models/pets"):
        assert keyed.api.open(method, path).status_code == 401


def test_what_is_not_there_says_so_to_everybody_and_nothing_else(keyed: KeyedWorld) -> None:
    answer = keyed.api.get("/nowhere", headers={"Accept": HTML})

    assert answer.status_code == 404
    assert "pets" not in answer.text


@pytest.mark.parametrize("path", ["/docs", "/sign-in", "/nowhere", "/jobs"])
def test_strangers_are_not_told_what_is_served(keyed: KeyedWorld, path: str) -> None:
    assert "pets v1" not in keyed.api.get(path, headers={"Accept": HTML}).text


def test_every_answer_of_every_route_carries_the_security_headers(keyed: KeyedWorld) -> None:
    for headers in ({}, bearer(keyed.keys["admin"])):
        for method, path, _ in ROUTES:
            answer = keyed.api.open(method, path, headers={**headers, "Accept": HTML})
            policy = answer.headers["Content-Security-Policy"]
            assert policy == CONTENT_SECURITY_POLICY, path
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
            assert answer.headers["X-Frame-Options"] == "DENY", path
            assert answer.headers["Referrer-Policy"] == "same-origin", path


def test_no_page_has_a_script_or_style_of_its_own(keyed: KeyedWorld) -> None:
    for method, path, _ in ROUTES:
        if method == "GET" and not path.startswith(("/api/", "/static/")):
            text = keyed.api.get(path, headers={**bearer(keyed.keys["admin"]), "Accept": HTML}).text
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|javascript:", text), path
