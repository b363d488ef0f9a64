"""Shadow scoring on the page of a version."""

from __future__ import annotations

from flask.testing import FlaskClient

from shared.shadow import Agreements, Pair
from tests.support.page_world import PageWorld


def test_a_version_is_put_in_shadow_with_a_form(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, serve=False)
    before = browser.get("/models/shapes/2").text
    assert "Put v2 in shadow" in before
    assert '<option value="0.1" selected>10\u202f%</option>' in before
    answer = browser.post("/models/shapes/2/shadow", data={"fraction": "0.25"})
    assert (answer.status_code, answer.location) == (303, "/models/shapes/2#shadow")
    shadow = shapes.registry.shadow("shapes")
    assert shadow is not None
    assert (shadow.version, shadow.fraction) == (2, 0.25)


def test_the_page_says_how_far_it_agrees(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, serve=False)
    shapes.publish(version=3, serve=False)
    shapes.registry.put_in_shadow("shapes", 2, 0.03)
    agreements = Agreements(shapes.redis)
    agreements.count(Pair("shapes", 1, 2), [("star", "star"), ("star", "circle"), ("circle", "circle")])
    agreements.fail(Pair("shapes", 1, 2), 4, "It has no engine.")
    page = browser.get("/models/shapes/2").text
    assert "66.7\u202f%" in page
    assert '<th scope="row">star</th><td class="number">50.0\u202f%</td>' in page
    assert "It has no engine." in page
    # A fraction that was set over HTTP is offered as well.
    assert '<option value="0.03" selected>3\u202f%</option>' in page
    assert "It takes the place of v2" in browser.get("/models/shapes/3").text
    assert "In shadow" not in browser.get("/models/shapes/1").text


def test_it_is_ended_with_a_form(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, serve=False)
    shapes.registry.put_in_shadow("shapes", 2, 0.5)
    for _ in range(2):
        assert browser.post("/models/shapes/2/shadow/end").status_code == 303
    assert shapes.registry.shadow("shapes") is None


def test_what_is_no_fraction_is_refused_in_words(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, serve=False)
    for wrong in ("", "a lot", "2", "nan"):
        answer = browser.post("/models/shapes/2/shadow", data={"fraction": wrong})
        assert answer.status_code == 422
        assert "fraction" in answer.text
    assert browser.post("/models/shapes/1/shadow", data={"fraction": "0.5"}).status_code == 409
    assert browser.post("/models/shapes/9/shadow", data={"fraction": "0.5"}).status_code == 404
