"""Signing in, forms with their token, and signing out."""

from __future__ import annotations

import pytest
from redis import Redis

from shared.jobs import keys as redis_keys
from tests.support.access import HTML, SignedIn, add_key, bearer, revoke, token_in
from tests.support.api_world import URL, ApiWorld
from tests.unit.api.access.conftest import KeyedWorld


@pytest.fixture
def browser(keyed: KeyedWorld) -> SignedIn:
    """A browser signed in with the key of scope train."""
    return SignedIn(keyed.api.app, keyed.keys["train"])


def test_a_page_asks_for_a_key_and_leads_on_to_itself(keyed: KeyedWorld) -> None:
    client = keyed.api.app.test_client()
    page = client.get("/jobs?kind=training", headers={"Accept": HTML})
    assert page.status_code == 401
    assert 'name="back" value="/jobs?kind=training"' in page.text

    fields = {"form_token": token_in(page), "key": f" {keyed.keys['classify']}\n", "back": "/jobs?kind=training"}
    answer = client.post("/sign-in", data=fields)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/jobs?kind=training")
    assert client.get("/jobs").status_code == 200


def test_the_cookie_is_for_this_site_and_no_script(keyed: KeyedWorld) -> None:
    for scheme, secure in (("http", False), ("https", True)):
        answer = keyed.api.get("/sign-in", base_url=f"{scheme}://127.0.0.1:8000")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert ("Secure" in cookie) == secure


def test_the_cookie_changes_with_the_sign_in(keyed: KeyedWorld) -> None:
    client = keyed.api.app.test_client()
    page = client.get("/sign-in")
    before = client.get_cookie("loupe_session")
    client.post("/sign-in", data={"form_token": token_in(page), "key": keyed.keys["classify"]})
    after = client.get_cookie("loupe_session")

    assert before is not None
    assert after is not None
    assert before.value != after.value


def test_redis_does_not_hold_what_the_browser_sends(keyed: KeyedWorld, browser: SignedIn, redis: Redis) -> None:
    cookie = browser.client.get_cookie("loupe_session")
    assert cookie is not None
    sessions = [name for name in redis.keys("*") if "session" in str(name)]

    assert len(sessions) == 1
    assert cookie.value not in str(sessions[0])
    assert redis.get(sessions[0]) not in keyed.keys.values()
    assert redis.ttl(sessions[0]) > 0
    assert str(sessions[0]).startswith(redis_keys.PREFIX)


@pytest.mark.parametrize(
    "back",
    [
        *("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1", "", "jobs"),
        *("/a\r\nb", "/\t/e", "//[", "/\t//[", "///e", "/\\/e", "\\\\e", " //e", "\u2028//e", "/\u200b/e"),
    ],
)
def test_a_sign_in_leads_nowhere_else(keyed: KeyedWorld, back: str) -> None:
    client = keyed.api.app.test_client()
    fields = {"form_token": token_in(client.get("/sign-in")), "key": keyed.keys["classify"], "back": back}

    assert client.post("/sign-in", data=fields).headers["Location"] == "/"


def test_a_wrong_key_is_refused_in_place_and_not_repeated(keyed: KeyedWorld) -> None:
    client = keyed.api.app.test_client()
    fields = {"form_token": token_in(client.get("/sign-in")), "key": "loupe_wrong"}

    answer = client.post("/sign-in", data=fields)

    assert answer.status_code == 401
    assert "not known" in answer.text
    assert "loupe_wrong" not in answer.text
    assert client.get("/jobs").status_code == 401


def test_guessing_is_slowed_down_by_address(keyed: KeyedWorld) -> None:
    client = keyed.api.app.test_client()
    fields = {"form_token": token_in(client.get("/sign-in")), "key": "loupe_wrong"}
    statuses = [client.post("/sign-in", data=fields).status_code for _ in range(12)]
    last = client.post("/sign-in", data={**fields, "key": keyed.keys["admin"]})

    assert statuses[:10] == [401] * 10
    assert statuses[10:] == [429] * 2
    assert last.status_code == 429
    assert 1 <= int(last.headers["Retry-After"]) <= 60
    elsewhere = client.post("/sign-in", data=fields, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 401


def test_a_form_needs_the_token_of_its_session(keyed: KeyedWorld, browser: SignedIn) -> None:
    other = SignedIn(keyed.api.app, keyed.keys["train"])
    for fields in ({}, {"form_token": ""}, {"form_token": other.token}, {"form_token": "\u00e9"}):
        answer = browser.client.post("/", data={"url": URL, **fields})
        assert answer.status_code == 403
        assert "form_token_wrong" in answer.text
    assert len(keyed.api.services.jobs.page().jobs) == 0

    assert browser.post("/", url=URL).status_code == 303
    assert keyed.api.services.jobs.page().jobs[0].owner == "train"


def test_a_multipart_form_has_its_token_among_its_parts(browser: SignedIn) -> None:
    answer = browser.client.post(
        "/batch",
        data={"form_token": browser.token, "list": URL, "do": "start"},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 303, answer.text


def test_a_sign_in_needs_a_token_too(keyed: KeyedWorld) -> None:
    assert keyed.api.app.test_client().post("/sign-in", data={"key": keyed.keys["admin"]}).status_code == 403


def test_a_session_reads_the_api_and_changes_nothing_there(keyed: KeyedWorld, browser: SignedIn) -> None:
    assert browser.get("/api/v1/jobs").status_code == 200
    assert browser.client.post("/api/v1/classifications", json={"url": URL}).status_code == 401


def test_a_session_has_the_scope_of_its_key(browser: SignedIn) -> None:
    assert browser.get("/train/schedule").status_code == 200
    assert browser.get("/audit").status_code == 403
    assert "Audit log" not in browser.get("/jobs").text


def test_the_page_says_who_is_signed_in(browser: SignedIn) -> None:
    assert "train, train" in browser.get("/jobs").text


def test_a_session_ends_with_its_key(keyed: KeyedWorld, browser: SignedIn) -> None:
    revoke(keyed.path, "train")
    assert browser.get("/jobs").status_code == 401

    # A new key of the same name is another one.
    add_key(keyed.path, "train", "train")
    assert browser.get("/jobs").status_code == 401


def test_a_session_ends_when_nobody_uses_it(browser: SignedIn, redis: Redis) -> None:
    (session,) = redis.keys("loupe:session:*")
    redis.expire(session, 5)
    browser.get("/jobs")
    assert redis.ttl(session) > 3600

    redis.delete(session)
    assert browser.get("/jobs").status_code == 401


def test_signing_out_ends_the_session_for_every_copy_of_its_cookie(keyed: KeyedWorld, browser: SignedIn) -> None:
    cookie = browser.client.get_cookie("loupe_session")
    assert cookie is not None
    copy = keyed.api.app.test_client()
    copy.set_cookie("loupe_session", cookie.value, domain="127.0.0.1")
    assert copy.get("/jobs", headers={"Host": "127.0.0.1"}).status_code == 200

    assert browser.client.post("/sign-out").status_code == 403
    answer = browser.post("/sign-out")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.client.get_cookie("loupe_session") is None
    assert copy.get("/jobs", headers={"Host": "127.0.0.1"}).status_code == 401


def test_a_made_up_cookie_is_nobodys(keyed: KeyedWorld) -> None:
    for value in ("x", "a" * 43, "a" * 5000, "*" * 43):
        answer = keyed.api.get("/jobs", headers={"Cookie": f"loupe_session={value}"})
        assert answer.status_code == 401


def test_a_page_shown_to_a_program_with_a_key_has_no_tokens(keyed: KeyedWorld) -> None:
    answer = keyed.api.get("/", headers=bearer(keyed.keys["train"]))

    assert "form_token" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_without_keys_there_is_nothing_to_sign_in_to(api: ApiWorld) -> None:
    for method in ("GET", "POST"):
        answer = api.open(method, "/sign-in")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "form_token" not in api.get("/").text
