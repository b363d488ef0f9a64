"""The page that takes in a model trained elsewhere."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from shared.jobs.model import Kind
from tests.support.page_world import PageWorld

SENT = {
    "model": "pets",
    "path": "mine.keras",
    "dataset": "pets",
    "labels": "cat\r\n dog \r\n",
    "input.width": "80",
    "input.height": "64",
    "input.color": "grey",
    "input.scale": "-1..1",
    "input.resize": "pad",
    "input.interpolation": "linear",
    "promote": "never",
    "gate.min_gain": "0",
    "gate.max_class_drop": "0.02",
    "gate.min_accuracy": "0.9",
}


def test_without_a_dataset_the_page_leads_to_one(browser: FlaskClient) -> None:
    page = browser.get("/train/elsewhere").text
    assert "There are no pictures yet to try it on" in page
    assert 'href="/datasets#add"' in page


@pytest.mark.usefixtures("pets")
def test_the_page_is_a_link_away_and_offers_the_datasets_classes(browser: FlaskClient) -> None:
    for path in ("/models", "/train"):
        assert 'href="/train/elsewhere"' in browser.get(path).text
    page = browser.get("/train/elsewhere?model=mine").text
    assert re.search(r'value="mine"[^>]* id="f-model"', page)
    assert ">cat\ndog</textarea>" in page


def test_what_is_sent_is_what_the_api_takes(pets: PageWorld, browser: FlaskClient) -> None:
    assert 'name="once"' in browser.get("/train/elsewhere").text
    answer = browser.post("/train/elsewhere", data=SENT | {"once": "k"})
    assert answer.status_code == 303, answer.text
    assert browser.post("/train/elsewhere", data=SENT | {"once": "k"}).location == answer.location
    job = pets.jobs.get(answer.location.rpartition("/")[2])
    assert job.kind is Kind.IMPORT
    assert job.spec["model"] == {"name": "pets"}
    assert job.spec["labels"] == ["cat", "dog"]
    assert job.spec["input"] == {
        "width": 80,
        "height": 64,
        "color": "grey",
        "resize": "pad",
        "interpolation": "linear",
        "scale": "-1..1",
    }
    assert job.spec["promote"] == "never"
    assert job.spec["gate"] == {"min_gain": 0.0, "max_class_drop": 0.02, "min_accuracy": 0.9}
    assert "Import of the model pets" in browser.get(answer.location).text


@pytest.mark.usefixtures("pets")
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("model", "No Such Name", "small letters"),
        ("path", "mine.h5", "Expected the path of a .keras file"),
        ("path", "../mine.keras", "relative to LOUPE_IMPORT_DIR"),
        ("labels", "cat\ncat", "given more often: cat"),
        ("labels", "cat\nbird", "not a class of it: bird"),
        ("input.width", "wide", "integer"),
        ("input.height", "0", "greater than or equal to 1"),
        ("gate.min_accuracy", "2", "less than or equal to 1"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(browser: FlaskClient, field: str, value: str, words: str) -> None:
    page = browser.post("/train/elsewhere", data=SENT | {field: value})
    assert page.status_code == 422
    said = re.search(f'id="e-f-{field.replace(".", "-")}">([^<]*)<', page.text)
    assert said is not None
    assert words in said[1]
    assert "1 field is not right" in page.text
    # The rest is as it was entered.
    assert '<option value="pad" selected>' in page.text


@pytest.mark.usefixtures("pets")
def test_a_dataset_that_is_gone_is_said(browser: FlaskClient) -> None:
    page = browser.post("/train/elsewhere", data=SENT | {"dataset": "gone"})
    assert page.status_code == 404
    assert "dataset_not_found" in page.text
