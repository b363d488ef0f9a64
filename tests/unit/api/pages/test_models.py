"""The pages of a model and of its versions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from shared.heartbeat import Heartbeat
from shared.registry import Metrics, SplitMetrics
from tests.support.page_world import PageWorld


def measured(accuracy: float) -> Metrics:
    side = SplitMetrics(accuracy=accuracy, loss=0.1, count=400)
    return Metrics(train=side, validation=side, test=side)


def test_versions_stand_side_by_side_the_newest_first(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, metrics=measured(0.991))
    page = browser.get("/models/shapes").text
    assert "Serving <strong>v2</strong>" in page
    table = page[page.index("Versions of shapes, newest first") :]
    assert table.index('href="/models/shapes/2"') < table.index('href="/models/shapes/1"')
    assert "99.1\u202f%" in table
    assert "98.5\u202f%" in table


def test_models_of_any_name_leave_each_id_to_one_thing(world: PageWorld, browser: FlaskClient) -> None:
    for name in ("main", "said", "serving"):
        world.publish(name)
        world.publish(name, version=2)

    ids = re.findall(r' id="([^"]*)"', browser.get("/models").text)

    assert sorted(ids) == sorted(set(ids))
    assert {"main", "m-main"} <= set(ids)


def test_the_chart_can_be_read_as_text(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, metrics=measured(0.991), serve=False)
    page = browser.get("/models/shapes").text
    assert "v1, 98.5\u202f%, answers now; v2, 99.1\u202f%, kept, does not answer" in page


def test_the_way_back_is_one_click_and_a_question_away(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2)
    assert 'href="/models/shapes/1/promote">Serve v1 again' in browser.get("/models/shapes").text


def test_classes_that_came_later_have_no_number_before(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, labels=("circle", "moon"))
    lines = browser.get("/models/shapes").text.split('id="classes"')[1]
    assert '<th scope="row">moon</th><td class="number">–</td>' in lines


def test_a_version_shows_its_numbers_and_how_it_was_made(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, fit="overfit", params={"epochs": 12}, serve=False)
    page = browser.get("/models/shapes/2").text
    assert "98.5\u202f%" in page
    assert ">overfit</span>" in page
    assert "<code>epochs</code>" in page
    assert 'href="/datasets/shapes?version=0123456789ab"' in page
    assert 'href="/models/shapes/2/promote"' in page
    assert "Accuracy by epoch" in page


def test_the_files_of_a_version_can_be_downloaded(shapes: PageWorld, browser: FlaskClient) -> None:
    page = browser.get("/models/shapes/1").text
    for file in ("history.json", "manifest.json"):
        path = f"/api/v1/models/shapes/versions/1/files/{file}"
        assert f'href="{path}" download' in page
        with browser.get(path) as answer:
            assert answer.status_code == 200
    assert "files/sample-0.webp" not in page


def test_the_matrix_says_in_words_what_its_colours_show(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, labels=("cat", "dog"), confusion=[[3, 1], [0, 4]])
    page = browser.get("/models/shapes/2").text
    assert '<td class="right" title="3 of 4 pictures of cat got the answer cat"><a' in page
    assert '<td class="often-wrong" title="1 of 4 pictures of cat got the answer dog"><a' in page
    assert '<td class="none" title="0 of 4 pictures of dog got the answer cat">0</td>' in page


def test_a_number_of_the_matrix_opens_its_pictures(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, labels=("cat", "big dog"), confusion=[[3, 1], [0, 4]])
    for path in ("/models/shapes", "/models/shapes/2"):
        page = browser.get(path).text
        assert 'href="/models/shapes/2/pictures?is=cat&amp;said=big+dog"' in page
        assert "said=cat" in page
        assert "is=big+dog&amp;said=cat" not in page


def test_many_classes_are_told_by_their_confusions(shapes: PageWorld, browser: FlaskClient) -> None:
    labels = [f"class-{n:03}" for n in range(300)]
    counts = [[5 if row == column else 0 for column in range(300)] for row in range(300)]
    counts[7][8] = 2
    shapes.publish("many", labels=labels, confusion=counts)
    for path in ("/models", "/models/many", "/models/many/1"):
        assert len(browser.get(path).data) < 100_000, path
    page = browser.get("/models/many/1").text
    assert "The most frequent confusions" in page
    assert '<th scope="row">class-007</th><td>class-008</td><td class="number"><a href=' in page
    assert 'href="/models/many/1/pictures?is=class-007&amp;said=class-008"' in page


def test_serving_a_version_is_asked_and_then_done(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, serve=False)
    question = browser.get("/models/shapes/2/promote").text
    assert "Serve shapes v2?" in question
    assert "It takes the place of v1" in question
    assert 'action="/models/shapes/2/promote" method="post"' in question
    answer = browser.post("/models/shapes/2/promote")
    assert (answer.status_code, answer.location) == (303, "/models/shapes")
    served = shapes.registry.served("shapes")
    assert served is not None
    assert served.version == 2


def test_a_damaged_manifest_hides_its_version_and_nothing_else(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2)
    shapes.publish("birds")
    for version in ("shapes/2", "birds/1"):
        Path(shapes.storage.url, "models", version, "manifest.json").write_bytes(b"{")

    assert 'href="/models/shapes/1"' in browser.get("/models/shapes").text
    assert 'href="/models/shapes"' in browser.get("/models").text
    assert browser.get("/").status_code == 200
    assert "version_corrupt" in browser.get("/models/birds").text
    # The way back is open.
    assert "Serve shapes v1?" in browser.get("/models/shapes/1/promote").text
    assert browser.post("/models/shapes/1/promote").status_code == 303
    assert 'value="shapes" selected' in browser.get("/").text


def test_a_damaged_version_is_not_served_and_the_question_says_why(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2, serve=False)
    Path(shapes.storage.url, "models/shapes/2/sample-0.webp").write_bytes(b"?")
    answer = browser.post("/models/shapes/2/promote")
    assert answer.status_code == 409
    assert "version_corrupt" in answer.text
    assert 'role="alert"' in answer.text
    served = shapes.registry.served("shapes")
    assert served is not None
    assert served.version == 1


def test_workers_that_follow_are_counted_while_one_looks(shapes: PageWorld, browser: FlaskClient) -> None:
    held = [{"name": "shapes", "version": 1, "state": "ready"}]
    Heartbeat(shapes.redis, "single", lambda: ("ready", held)).beat()
    page = browser.get("/models/shapes").text
    assert "1 worker has it loaded" in page
    assert "data-refresh" in page


def test_a_version_that_no_worker_can_load_says_why(shapes: PageWorld, browser: FlaskClient) -> None:
    held = [{"name": "shapes", "version": 1, "state": "failed_to_load", "reason": "The self-test answers otherwise."}]
    Heartbeat(shapes.redis, "single", lambda: ("ready", held)).beat()
    for path in ("/models/shapes", "/models/shapes/1"):
        page = browser.get(path).text
        assert "<code>failed_to_load</code>" in page
        assert "A worker could not load v1: The self-test answers otherwise." in page


def test_a_version_that_was_refused_says_why_long_after(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish(version=2)
    served = shapes.registry.served("shapes")
    assert served is not None
    shapes.registry.go_back("shapes", served, 1, "The self-test answers otherwise.")
    assert "no worker can load it" in browser.get("/models/shapes/2").text
    assert "A worker could not load v2: The self-test answers otherwise." in browser.get("/models/shapes/2").text
    page = browser.get("/models/shapes").text
    assert "Serving <strong>v1</strong>" in page
    assert '<span class="pill failed">broken</span>' in page


def test_the_page_says_which_worker_serves_what(shapes: PageWorld, browser: FlaskClient) -> None:
    held = [
        {"name": "shapes", "version": 1, "state": "ready", "serving": True},
        {"name": "shapes", "version": 2, "state": "loading", "serving": False},
    ]
    Heartbeat(shapes.redis, "single", lambda: ("serving shapes v1", held)).beat()
    page = browser.get("/models/shapes").text
    assert "<td>single pictures</td><td>v1</td><td>v2 is being loaded</td>" in page


@pytest.mark.usefixtures("shapes")
def test_the_served_version_is_not_asked_about(browser: FlaskClient) -> None:
    assert "It answers already" in browser.get("/models/shapes/1/promote").text


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/models/nobody", "model_not_found"),
        ("/models/Odd", "model_not_found"),
        ("/models/shapes/9", "version_not_found"),
        ("/models/shapes/9/promote", "version_not_found"),
        ("/models/shapes/x", "not_found"),
    ],
)
def test_what_is_not_there_is_said_by_its_code(browser: FlaskClient, path: str, code: str) -> None:
    page = browser.get(path)
    assert page.status_code == 404
    assert f"<code>{code}</code>" in page.text
    assert '<p><a href="/models">Models</a> · <a href="/">' in page.text


def test_a_long_row_of_versions_stays_readable(shapes: PageWorld, browser: FlaskClient) -> None:
    for version in range(2, 30):
        shapes.publish(version=version, serve=False)
    page = browser.get("/models/shapes")
    assert len(page.data) < 100_000
    assert 'href="/models/shapes/1"' in page.text
    assert 'href="/models/shapes/5"' not in page.text
