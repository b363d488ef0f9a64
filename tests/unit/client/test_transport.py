"""Requests over real connections to a server that is told what to answer."""

from __future__ import annotations

import io
import time

import pytest

import loupe
from tests.support.origins import Origin, chunked, flaky, raw, redirect, reset_mid_body, serve, status
from tests.support.told import JOB_ID, in_turn, job, model, page, problem, single, told

PETS = "/api/v1/models/pets"
CLASSIFICATIONS = "/api/v1/classifications"
RESULTS = f"/api/v1/jobs/{JOB_ID}/results"
DROP = raw(b"")
CUT_SHORT = b"HTTP/1.1 200 Told\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nhalf of\r\n"


@pytest.mark.parametrize(
    "trouble", [problem(503, "redis_unavailable", Retry_After="0"), problem(429, "queue_full"), status(502), DROP]
)
def test_what_fails_for_a_while_is_tried_again(origin: Origin, client: loupe.Client, trouble: object) -> None:
    origin.on(PETS, flaky(2, trouble, told(model())))  # type: ignore[arg-type] # each is a behaviour

    assert client.models.get("pets").served_version == 1
    assert origin.hits()[PETS] == 3


def test_the_server_says_when_to_come_back(origin: Origin, client: loupe.Client) -> None:
    origin.on(PETS, flaky(1, problem(503, "redis_unavailable", Retry_After="1"), told(model())))
    began = time.monotonic()

    client.models.get("pets")

    assert 1 <= time.monotonic() - began < 4


def test_nobody_waits_for_longer_than_was_allowed(origin: Origin, client: loupe.Client) -> None:
    origin.on(PETS, problem(429, "queue_full", Retry_After="3600"))
    began = time.monotonic()

    with pytest.raises(loupe.Unavailable) as caught:
        client.models.get("pets")

    assert (caught.value.status, caught.value.code) == (429, "queue_full")
    assert time.monotonic() - began < 2


def test_a_request_sent_again_makes_no_second_job(origin: Origin, client: loupe.Client) -> None:
    origin.on(CLASSIFICATIONS, in_turn(DROP, problem(503, "redis_unavailable", Retry_After="0"), told(single())))

    client.classify(b"a picture")

    sent = origin.requests
    assert len(sent) == 3
    assert len({request.headers["idempotency-key"] for request in sent}) == 1
    assert len({request.body for request in sent}) == 1
    assert b"a picture" in sent[0].body


def test_two_requests_have_two_keys(origin: Origin, client: loupe.Client) -> None:
    origin.on(CLASSIFICATIONS, told(single()))

    client.classify(b"a picture")
    client.classify(b"a picture")

    assert len({request.headers["idempotency-key"] for request in origin.requests}) == 2


@pytest.mark.parametrize(("trouble", "kind"), [(DROP, loupe.ConnectionFailed), (problem(503, "x"), loupe.Unavailable)])
def test_what_may_do_harm_twice_is_sent_once(
    origin: Origin, client: loupe.Client, trouble: object, kind: type[loupe.LoupeError]
) -> None:
    origin.on("/api/v1/schedules", trouble)  # type: ignore[arg-type] # each is a behaviour

    with pytest.raises(kind):
        client.schedules.create("weekly", "0 3 * * 1", {})

    assert len(origin.requests) == 1


def test_a_server_that_never_answered_is_given_up_soon() -> None:
    began = time.monotonic()

    with loupe.Client("http://127.0.0.1:9") as client, pytest.raises(loupe.ConnectionFailed):
        client.ready()

    assert time.monotonic() - began < 5


def test_the_key_goes_along_and_no_redirect_gets_it(
    origin: Origin, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("LOUPE_API_KEY", "lk_secret")
    origin.on(PETS, redirect("http://elsewhere.example/"))

    with loupe.Client() as client, pytest.raises(loupe.UnexpectedAnswer, match=r"elsewhere\.example") as caught:
        client.models.get("pets")

    assert origin.requests[0].headers["authorization"] == "Bearer lk_secret"
    assert "lk_secret" not in str(caught.value)
    assert "lk_secret" not in repr(client.settings)


def test_this_machine_is_not_asked_through_a_proxy(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    origin.on(PETS, told(model()))

    with loupe.Client() as client:
        assert client.models.get("pets").name == "pets"


@pytest.mark.parametrize("strange", [serve(b"<h1>Hello</h1>", content_type="text/html"), told([1]), told({"name": 1})])
def test_an_answer_that_is_none_of_loupes_is_an_error_of_its_own(
    origin: Origin, client: loupe.Client, strange: object
) -> None:
    origin.on(PETS, strange)  # type: ignore[arg-type] # each is a behaviour

    with pytest.raises(loupe.UnexpectedAnswer):
        client.models.get("pets")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (401, loupe.NotAllowed),
        (403, loupe.NotAllowed),
        (404, loupe.NotFound),
        (409, loupe.Conflict),
        (410, loupe.NotFound),
        (413, loupe.ApiError),
        (421, loupe.NotAllowed),
        (422, loupe.InvalidRequest),
        (500, loupe.ApiError),
    ],
)
def test_what_the_server_refuses_has_its_own_words_and_code(
    origin: Origin, client: loupe.Client, code: int, kind: type[loupe.ApiError]
) -> None:
    origin.on(PETS, problem(code, "some_code", "There is a reason."))

    with pytest.raises(kind) as caught:
        client.models.get("pets")

    assert (caught.value.status, caught.value.code, str(caught.value)) == (code, "some_code", "There is a reason.")
    assert len(origin.requests) == 1


def test_wrong_fields_are_named(origin: Origin, client: loupe.Client) -> None:
    wrong = [{"field": f"items.{n}.url", "message": "An address is expected."} for n in range(7)]
    told_so = {"title": "Some fields are not right", "status": 422, "detail": "See errors.", "code": "invalid_request"}
    origin.on(PETS, told({**told_so, "errors": wrong}, 422))

    with pytest.raises(loupe.InvalidRequest) as caught:
        client.models.get("pets")

    assert "items.0.url: An address is expected; " in str(caught.value)
    assert str(caught.value).endswith("; and 2 more.")
    assert len(caught.value.errors) == 7


def test_a_name_cannot_lead_to_another_path(origin: Origin, client: loupe.Client) -> None:
    origin.on("/api/v1/models/..%2Fjobs%3Fx", told(model()))

    client.models.get("../jobs?x")

    assert origin.requests[0].path == "/api/v1/models/..%2Fjobs%3Fx"


def test_a_list_is_read_page_by_page_as_it_is_needed(origin: Origin, client: loupe.Client) -> None:
    origin.on("/api/v1/models", in_turn(told(page(model("a"), model("b"), following="b")), told(page(model("c")))))
    models = client.models.all()

    assert [next(models).name, next(models).name] == ["a", "b"]
    assert len(origin.requests) == 1
    assert [found.name for found in models] == ["c"]
    assert origin.requests[1].path.endswith("limit=1000&cursor=b")


@pytest.mark.parametrize("breaking", [reset_mid_body(), raw(CUT_SHORT), problem(503, "x", Retry_After="0")])
def test_a_download_that_breaks_begins_again(origin: Origin, client: loupe.Client, breaking: object) -> None:
    whole = chunked(b"index,url\r\n", b"0,http://example.org\r\n")
    origin.on(RESULTS, flaky(1, breaking, whole))  # type: ignore[arg-type] # each is a behaviour
    target = io.BytesIO()

    client.jobs.download(JOB_ID, target)

    assert target.getvalue() == b"index,url\r\n0,http://example.org\r\n"


def test_a_server_that_is_not_ready_says_so_and_is_asked_once(origin: Origin, client: loupe.Client) -> None:
    origin.on("/readyz", told({"ready": False, "parts": {"worker": {"ok": False, "detail": "none"}}}, 503))

    readiness = client.ready()

    assert (readiness.ready, readiness.parts["worker"].detail) == (False, "none")
    assert len(origin.requests) == 1


def test_one_client_serves_many_threads(origin: Origin, client: loupe.Client) -> None:
    from concurrent.futures import ThreadPoolExecutor

    origin.on(f"/api/v1/jobs/{JOB_ID}", told(job()))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(client.jobs.get, [JOB_ID] * 40))

    assert {one.status for one in found} == {"succeeded"}
    assert origin.connections <= 8
