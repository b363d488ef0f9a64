"""The page for many pictures and what its form sends."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.pages.batch_source import list_type
from tests.support.page_world import PageWorld
from tests.support.pictures import encode, photo

LIST = "http://a/1.png\r\n\r\nhttp://a/2.png\r\nhttp://a/1.png\r\n"


def send(browser: FlaskClient, do: str, **sent: Any) -> TestResponse:
    """Sends the form as a browser does, the file field included."""
    sent.setdefault("file", (io.BytesIO(b""), ""))
    return browser.post("/batch", data={"list": "", "model": "shapes", "threshold": "0.6", "do": do} | sent)


def file(name: str, data: bytes) -> tuple[io.BytesIO, str]:
    """Returns a chosen file."""
    return io.BytesIO(data), name


def chunk(world: PageWorld, job_id: str) -> list[dict[str, Any]]:
    """Returns the lines of a list's first chunk file."""
    return [json.loads(line) for line in world.storage.read_bytes(f"jobs/{job_id}/input/00000000.ndjson").splitlines()]


def test_the_form_says_what_a_list_looks_like(shapes: PageWorld, browser: FlaskClient) -> None:
    page = browser.get("/batch").text
    assert "What is in these pictures?" in page
    assert '<option value="shapes" selected>' in page
    assert "up to 100,000 at once" in page
    assert '<a href="/batch" aria-current="page">Batch</a>' in page
    assert 'href="/batch">Many pictures?</a>' in browser.get("/").text


def test_without_a_model_the_page_shows_the_training(browser: FlaskClient) -> None:
    assert "There is no model yet" in browser.get("/batch").text
    assert send(browser, "start", list=LIST).status_code == 409


@pytest.mark.usefixtures("shapes")
def test_a_check_counts_and_says_who_answers_and_creates_nothing(world: PageWorld, browser: FlaskClient) -> None:
    page = send(browser, "check", list=LIST)
    assert page.status_code == 200
    for said in ("Ready to start", "<dd>3</dd>", "different addresses", "repeat, fetched once", "shapes v1</strong>"):
        assert said in page.text
    # The list stays in its field, to be started.
    assert "\r\nhttp://a/2.png\r\n" in page.text
    assert world.jobs.page().jobs == []


@pytest.mark.usefixtures("shapes")
def test_a_pasted_list_becomes_a_job(world: PageWorld, browser: FlaskClient) -> None:
    answer = send(browser, "start", list=LIST, threshold="0.9", max_failure_rate="0.25")
    assert answer.status_code == 303
    job = world.jobs.get(answer.location.rpartition("/")[2])
    assert (job.single, job.progress["total"], job.spec["threshold"]) == (False, 3, 0.9)
    assert [line["url"] for line in chunk(world, job.id)] == ["http://a/1.png", "http://a/2.png"]
    assert world.redis.hget(f"loupe:job:{job.id}", "max_failure_rate") == "0.25"


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(
    ("name", "data", "ids"),
    [
        ("a.csv", b"id,url\nx,http://a/1.png\ny,http://a/2.png\n", ["x", "y"]),
        ("excel.csv", b"\xef\xbb\xbfName;URL;ID\r\ncat;http://a/1.png;x\r\ndog;http://a/2.png;y\r\n", ["x", "y"]),
        ("a.txt", b"http://a/1.png\nhttp://a/2.png\n", [None, None]),
        ("table.txt", b"url\tid\nhttp://a/1.png\tx\nhttp://a/2.png\ty\n", ["x", "y"]),
        ("a.ndjson", b'{"url": "http://a/1.png", "id": "x"}\n{"url": "http://a/2.png"}\n', ["x", None]),
    ],
)
def test_a_file_with_a_list_becomes_a_job(
    world: PageWorld, browser: FlaskClient, name: str, data: bytes, ids: list[str | None]
) -> None:
    answer = send(browser, "start", file=file(name, data))
    lines = chunk(world, answer.location.rpartition("/")[2])
    assert [(line["id"], line["url"]) for line in lines] == list(
        zip(ids, ["http://a/1.png", "http://a/2.png"], strict=True)
    )


@pytest.mark.usefixtures("shapes")
def test_a_checked_file_is_kept_in_the_text_field_unless_it_is_long(browser: FlaskClient) -> None:
    short = send(browser, "check", file=file("shop.csv", b"id,url\nx,http://a/1.png\n")).text
    assert "shop.csv" in short
    assert "id,url\nx,http://a/1.png\n</textarea>" in short
    assert "Choose the files again" not in short
    long = send(browser, "check", file=file("long.txt", b"http://a/1.png\n" * 20_000)).text
    assert "<dd>20,000</dd>" in long
    assert "Choose the files again" in long
    assert len(long) < 100_000


@pytest.mark.usefixtures("shapes")
def test_pictures_become_a_job(world: PageWorld, browser: FlaskClient) -> None:
    picture = encode(".png", photo())
    parts = [file(f"{n}.png", picture) for n in range(3)]
    checked = send(browser, "check", file=parts).text
    assert "3 files" in checked
    assert "Choose the files again" in checked
    parts = [file(f"{n}.png", picture) for n in range(3)]
    job = world.jobs.get(send(browser, "start", file=parts).location.rpartition("/")[2])
    assert (job.single, job.progress["total"]) == (False, 3)


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize("do", ["check", "start"])
def test_lines_that_cannot_be_used_are_named_and_nothing_starts(
    world: PageWorld, browser: FlaskClient, do: str
) -> None:
    page = send(browser, do, list="http://a/1.png\n" + "\n".join(["x" * 9000] * 30))
    assert page.status_code == (200 if do == "check" else 422)
    assert "30 lines are not right" in page.text
    assert "line 2<" in page.text
    assert "8192" in page.text
    assert "and 10 more" in page.text
    assert world.jobs.page().jobs == []


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "nothing was given"),
        ({"list": " \n\t\n"}, "nothing was given"),
        ({"file": file("empty.txt", b"\n\n")}, "The list is empty"),
        ({"file": file("a.csv", b"name,link\na,b\n")}, "one column <code>url</code>"),
        ({"list": LIST, "file": file("a.txt", b"http://a/b")}, "received both"),
        ({"file": [file("a.csv", b"url\nx"), file("b.png", b"x")]}, "One list at a time"),
        ({"list": LIST, "threshold": "2"}, "threshold: "),
        ({"list": LIST, "max_failure_rate": "many"}, "max_failure_rate: "),
    ],
)
def test_what_is_wrong_is_said_in_place(browser: FlaskClient, sent: dict[str, Any], words: str) -> None:
    page = send(browser, "start", **sent)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert words in page.text
    assert "data-batch" in page.text


@pytest.mark.usefixtures("shapes")
def test_a_model_that_is_not_there_is_in_the_way(browser: FlaskClient) -> None:
    page = send(browser, "check", list=LIST, model="nobody").text
    assert "Not yet" in page
    assert "model_not_found" in page


@pytest.mark.usefixtures("shapes")
def test_what_was_entered_stays(browser: FlaskClient) -> None:
    page = send(browser, "check", list="</textarea><b>", threshold="0.8", max_failure_rate="0.1").text
    assert "&lt;/textarea&gt;&lt;b&gt;</textarea>" in page
    assert '<option value="0.8" selected>' in page
    assert '<option value="0.1" selected>' in page


@pytest.mark.parametrize(
    ("start", "type_"),
    [
        (b"http://a/1.png\nurl", "text/plain"),
        (b"http://a/?url,id=3", "text/plain"),
        (b"\xef\xbb\xbf\r\n URL , Id\r\n", "text/csv"),
        (b'"id";"url"\n', "text/csv"),
        (b"url", "text/csv"),
        (b"id,url\r1,a\r", "text/csv"),
        (b'\n {"url": "http://a/1.png"}', "application/x-ndjson"),
        (b"", "text/plain"),
    ],
)
def test_a_list_says_what_it_is_by_its_first_line(start: bytes, type_: str) -> None:
    assert list_type(start) == type_
