"""The lists of jobs and models, the header, error pages, static files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.pages.assets import FOR_EVER
from tests.support.page_world import PageWorld

ROOT = Path(__file__).parents[4]
NEVER = ("Traceback", "NoneType", "Internal Server Error")


def test_without_jobs_the_list_says_how_to_begin(browser: FlaskClient) -> None:
    page = browser.get("/jobs").text
    assert "Nothing has been asked yet" in page
    assert 'href="/"' in page


def test_jobs_are_listed_newest_first_with_what_came_of_them(shapes: PageWorld, browser: FlaskClient) -> None:
    one = shapes.single(url="http://example.org/star.png")
    shapes.answer(one, {"star": 0.972})
    many = shapes.listing(3)
    page = browser.get("/jobs").text
    assert page.index(many) < page.index(one)
    assert "star, 97.2\u202f%" in page
    assert ">star.png</a>" in page
    assert "Batch of 3 pictures" in page


def test_jobs_are_filtered_by_kind_and_status(shapes: PageWorld, browser: FlaskClient) -> None:
    one, training = shapes.single(), shapes.training()
    page = browser.get("/jobs?kind=training&status=queued").text
    assert training in page
    assert one not in page
    assert "<option selected>training</option>" in page
    assert "No job is like that" in browser.get("/jobs?status=failed").text


def test_a_filter_that_is_none_is_refused_by_name(browser: FlaskClient) -> None:
    page = browser.get("/jobs?kind=party")
    assert page.status_code == 422
    assert "kind: Expected one of classification, training, import" in page.text


def test_a_long_list_of_jobs_has_pages(shapes: PageWorld, browser: FlaskClient) -> None:
    made = [shapes.single() for _ in range(51)]
    first = browser.get("/jobs").text
    assert made[0] not in first
    older = re.search(r'href="(/jobs\?cursor=[^"]+)">Older', first)
    assert older is not None
    second = browser.get(older[1]).text
    assert made[0] in second
    assert "Newest" in second
    assert "Older" not in second


def test_models_show_what_is_served_and_lead_to_its_page(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2)
    page = browser.get("/models").text
    assert "serving v2" in page
    assert "98.5\u202f%" in page
    assert 'href="/models/shapes"' in page
    assert 'href="/models/shapes/2"' in page


def test_without_models_the_list_leads_to_the_training(browser: FlaskClient) -> None:
    assert "No model has been trained yet" in browser.get("/models").text


@pytest.mark.parametrize("path", ["/nothing", "/jobs/nobody", "/jobs/01a1fd6c-5353-7b2b-8b12-805668d230c0"])
def test_what_is_not_there_has_a_page_that_leads_on(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert 'href="/jobs"' in page.text
    assert not any(word in page.text for word in NEVER)


def test_a_fault_has_a_page_that_keeps_its_traceback_to_itself(
    shapes: PageWorld, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.jobs.row_of", lambda *_: None + 1)  # type: ignore[operator]
    shapes.single()
    page = browser.get("/jobs")
    assert page.status_code == 500
    assert "internal" in page.text
    assert not any(word in page.text for word in NEVER)


def test_storage_away_is_said_as_such(shapes: PageWorld, browser: FlaskClient) -> None:
    pointer = Path(shapes.storage.url) / "models" / "shapes" / "served.json"
    pointer.unlink()
    pointer.mkdir()
    page = browser.get("/")
    assert page.status_code == 503
    assert "storage_unavailable" in page.text


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/batch",
        "/jobs",
        "/datasets",
        "/train",
        "/models",
        "/models/shapes",
        "/models/shapes/1",
        "/models/shapes/1/promote",
        "/docs",
        "/nothing",
    ],
)
def test_every_page_is_small_and_brings_nothing_from_elsewhere(browser: FlaskClient, path: str) -> None:
    page = browser.get(path)
    assert len(page.data) < 100_000
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page.text)
    assert page.text.count("<h1") == 1
    assert page.text.count("<main") == 1


def test_the_header_marks_where_one_is(browser: FlaskClient) -> None:
    assert '<a href="/jobs" aria-current="page">Jobs</a>' in browser.get("/jobs").text


def test_static_files_are_kept_for_ever_under_their_hash_only(browser: FlaskClient) -> None:
    link = re.search(r'href="(/static/loupe\.css\?v=[0-9a-f]{10})"', browser.get("/jobs").text)
    assert link is not None
    kept = {}
    for path in (link[1], "/static/loupe.css?v=0000000000", "/static/loupe.css"):
        with browser.get(path) as response:
            kept[path] = response.headers["Cache-Control"] == FOR_EVER
            etag = response.headers["ETag"]
        # What a browser hears when it asks again is what it goes by from then on.
        with browser.get(path, headers={"If-None-Match": etag}) as response:
            assert response.status_code == 304
            assert (response.headers["Cache-Control"] == FOR_EVER) == kept[path], path
    assert list(kept.values()) == [True, False, False]


def test_no_template_carries_inline_script_or_style() -> None:
    for template in (ROOT / "templates").glob("*.html"):
        assert not re.search(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]* src=)", template.read_text("utf-8")), template


def test_every_button_says_what_it_does() -> None:
    for template in (ROOT / "templates").glob("*.html"):
        assert not re.search(r"<button(?![^>]* type=)", template.read_text("utf-8")), template
