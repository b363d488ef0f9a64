"""The first page and what its form sends."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient

from shared.jobs.model import Outcome, Status
from tests.support.page_world import PageWorld
from tests.support.pictures import encode, photo


def test_without_a_model_and_a_training_the_page_says_that_one_will_come(browser: FlaskClient) -> None:
    page = browser.get("/")
    assert page.status_code == 200
    assert "There is no model yet" in page.text
    assert "no model yet" in page.text
    assert 'http-equiv="refresh"' in page.text


def test_without_a_model_the_page_shows_the_training(world: PageWorld, browser: FlaskClient) -> None:
    job_id = world.training()
    epoch = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 1.1, "val_accuracy": 0.45, "seconds": 3}
    progress = {"done": 30, "total": 120, "epoch": 2, "epochs": 4, "eta_s": 9, "history": [epoch]}
    world.start(job_id, progress)
    page = browser.get("/").text
    assert "The first model is in training" in page
    assert "Epoch 2 of 4" in page
    assert "about 9\u202fs left" in page
    assert "<polyline" in page
    assert f"/jobs/{job_id}" in page


def test_a_first_training_that_failed_is_not_hidden(world: PageWorld, browser: FlaskClient) -> None:
    job_id = world.training()
    world.start(job_id)
    world.finish(job_id, Outcome(status=Status.FAILED, error={"code": "internal", "message": "No room on the disk."}))
    page = browser.get("/").text
    assert "The last training gave none" in page
    assert "No room on the disk." in page


@pytest.mark.usefixtures("shapes")
def test_the_form_says_who_answers_and_how_good_it_is(browser: FlaskClient) -> None:
    page = browser.get("/").text
    assert "shapes v1" in page
    assert "98.5\u202f% right on 400 pictures it had never seen" in page
    assert '<option value="shapes" selected>' in page
    assert "refresh" not in page.split("<body>")[0]


@pytest.mark.usefixtures("shapes")
def test_an_address_becomes_a_job(world: PageWorld, browser: FlaskClient) -> None:
    answer = browser.post("/", data={"by": "url", "url": " http://example.org/a.png ", "threshold": "0.9"})
    assert answer.status_code == 303
    job = world.jobs.get(answer.location.rpartition("/")[2])
    assert job.single
    assert job.spec == {"model": {"name": "shapes", "version": None}, "top_k": 5, "threshold": 0.9}


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(("count", "single"), [(1, True), (2, False)])
def test_files_become_a_job_and_several_become_a_list(
    world: PageWorld, browser: FlaskClient, count: int, single: bool
) -> None:
    picture = encode(".png", photo())
    parts = [(io.BytesIO(picture), f"{n}.png") for n in range(count)]
    answer = browser.post("/", data={"by": "file", "file": parts, "model": "shapes", "threshold": ""})
    job = world.jobs.get(answer.location.rpartition("/")[2])
    assert (job.single, job.progress["total"]) == (single, count)
    assert job.spec["threshold"] is None


@pytest.mark.usefixtures("shapes")
def test_a_sample_is_a_button(world: PageWorld, browser: FlaskClient) -> None:
    page = browser.get("/").text
    assert 'name="sample" value="shapes@1/sample-2.webp"' in page
    answer = browser.post("/", data={"sample": "shapes@1/sample-2.webp", "url": "", "model": "shapes"})
    job_id = answer.location.rpartition("/")[2]
    assert world.storage.read_bytes(f"jobs/{job_id}/uploads/0") == world.registry.file("shapes", 1, "sample-2.webp")


@pytest.mark.usefixtures("shapes")
def test_a_sample_is_a_picture(browser: FlaskClient) -> None:
    picture = browser.get("/samples/shapes@1/sample-0.webp")
    assert picture.mimetype == "image/webp"
    assert "immutable" in picture.headers["Cache-Control"]


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(
    "reference", ["shapes@1/sample-9.webp", "shapes@1/manifest.json", "shapes@2/sample-0.webp", "x", "shapes@1/../x"]
)
def test_nothing_else_is_a_sample(browser: FlaskClient, reference: str) -> None:
    assert browser.get(f"/samples/{reference}").status_code == 404


@pytest.mark.usefixtures("shapes")
@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [
        ({"by": "url", "url": " "}, "invalid_request", "the field is empty"),
        ({"by": "url", "url": "x" * 9000}, "invalid_request", "8192"),
        ({"by": "url", "url": "http://a/b", "threshold": "2"}, "invalid_request", "threshold"),
        ({"by": "url", "url": "http://a/b", "model": "nobody"}, "model_not_found", "nobody"),
        ({"by": "file"}, "invalid_request", "A picture is expected"),
        ({"sample": "shapes@1/no.webp"}, "file_not_found", "no sample"),
    ],
)
def test_what_is_wrong_is_said_in_place(browser: FlaskClient, sent: dict[str, str], code: str, words: str) -> None:
    page = browser.post("/", data=sent)
    assert page.status_code in {404, 422}
    assert 'role="alert"' in page.text
    assert code in page.text
    assert words in page.text
    assert 'id="classify"' in page.text


@pytest.mark.usefixtures("shapes")
def test_what_was_entered_stays(browser: FlaskClient) -> None:
    page = browser.post("/", data={"by": "url", "url": '"><b>', "threshold": "0.8", "model": "nobody"}).text
    assert 'value="&#34;&gt;&lt;b&gt;"' in page
    assert '<option value="0.8" selected>' in page


def test_the_form_sent_without_a_model_shows_the_training(browser: FlaskClient) -> None:
    page = browser.post("/", data={"by": "url", "url": "http://a/b"})
    assert page.status_code == 409
    assert "There is no model yet" in page.text


def test_beside_another_model_shapes_is_nobodys_choice(shapes: PageWorld, browser: FlaskClient) -> None:
    shapes.publish("pets", labels=("cat", "dog"))
    page = browser.get("/").text
    assert '<option value="pets" selected>' in page
    assert "pets v1</strong> and 1 more" in page


def test_among_several_models_one_has_to_be_chosen(shapes: PageWorld, browser: FlaskClient) -> None:
    for name in ("pets", "birds"):
        shapes.publish(name, labels=("a", "b"))
    assert '<option value="">choose one</option>' in browser.get("/").text
    page = browser.post("/", data={"by": "url", "url": "http://a/b", "model": ""})
    assert page.status_code == 422
    assert "model_required" in page.text
