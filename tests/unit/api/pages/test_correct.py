"""Correcting single pictures on the pages, without script, and over HTTP."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from shared.datasets import DatasetManifest
from shared.datasets.corrections import Corrections
from shared.jobs.model import Kind
from tests.support.answered import answered_version
from tests.support.page_world import PageWorld
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version

PAGE = "/models/pets/1/pictures"


@pytest.fixture
def pets(world: PageWorld) -> DatasetManifest:
    """A model that takes the first test cat for a dog."""
    dataset = toy_version(world.storage)
    answered_version(
        world.storage, world.registry, dataset, 1, lambda count, true: (1 - true if not count else true, 0.9)
    )
    return dataset


@pytest.fixture
def first(world: PageWorld, pets: DatasetManifest) -> int:
    """The place of the picture that it is wrong about."""
    return int(open_version(world.storage, "pets").test[0])


def form(page: str, index: int) -> str:
    """Returns a picture's form."""
    return page.split(f'id="p-{index}"')[1].split("</form>")[0]


def kept(world: PageWorld) -> list[tuple[str, str | None]]:
    return [(one.was, one.label) for one in Corrections(world.storage, "pets").all()]


def test_a_picture_is_relabelled_left_out_and_left_as_it_was(
    world: PageWorld, browser: FlaskClient, first: int
) -> None:
    page = browser.get(f"{PAGE}?said=dog").text
    assert re.findall(r'name="do" value="([^"]*)"', form(page, first)) == ["is:dog", "exclude"]
    sent = browser.post(f"{PAGE}?said=dog", data={"picture": first, "do": "is:dog"})
    assert (sent.status_code, sent.location) == (303, f"{PAGE}?said=dog#p-{first}")
    assert kept(world) == [("cat", "dog")]
    assert "will be dog" in form(browser.get(PAGE).text, first)
    browser.post(PAGE, data={"picture": first, "do": "exclude"})
    assert kept(world) == [("cat", None)]
    assert "will be left out" in form(browser.get(PAGE).text, first)
    browser.post(PAGE, data={"picture": first, "do": "undo"})
    assert kept(world) == []


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"picture": "0"},
        {"picture": "x", "do": "exclude"},
        {"picture": "0", "do": "label", "label": "wolf"},
        {"picture": "0", "do": "is:"},
        {"picture": "999", "do": "undo"},
        {"picture": "99999999999999", "do": "exclude"},
    ],
)
def test_what_is_wrong_is_said_on_the_same_page(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest, sent: dict[str, str]
) -> None:
    answer = browser.post(PAGE, data=sent)
    assert answer.status_code in (404, 422)
    assert 'role="alert"' in answer.text
    assert kept(world) == []


def test_the_dataset_lists_what_was_corrected_and_makes_the_version(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest, first: int
) -> None:
    assert "Corrected by hand" not in browser.get("/datasets/pets").text
    browser.post(PAGE, data={"picture": first, "do": "is:dog"})
    page = browser.get("/datasets/pets").text
    assert "1 picture is corrected." in page
    assert re.search(r">cat</td><td[^>]*>dog</td>", page)
    assert 'name="once"' in page
    answer = browser.post("/datasets/pets/corrections/apply", data={"once": "k"})
    assert browser.post("/datasets/pets/corrections/apply", data={"once": "k"}).location == answer.location
    job = world.jobs.get(answer.location.rsplit("/", 1)[1])
    assert (job.kind, job.spec["corrected_from"], job.spec["source"]) == (Kind.IMPORT, pets.version, pets.source)
    assert f"its version {pets.version}, with corrections" in browser.get(answer.location).text
    (sha256,) = re.findall(r'name="sha256" value="([0-9a-f]+)"', page)
    answer = browser.post("/datasets/pets/corrections", data={"sha256": sha256})
    assert answer.location == "/datasets/pets#corrections"
    assert kept(world) == []
    for sent in ({}, {"sha256": "../../x"}):
        assert browser.post("/datasets/pets/corrections", data=sent).status_code == 303
    assert browser.post("/datasets/nothing/corrections/apply").status_code == 404


def test_programs_correct_as_well(world: PageWorld, browser: FlaskClient, pets: DatasetManifest, first: int) -> None:
    where = f"/api/v1/datasets/pets/versions/{pets.version}/pictures/{first}/correction"
    answer = browser.put(where, json={"label": "dog"})
    assert answer.json is not None
    assert (answer.status_code, answer.json["correction"]["was"], answer.json["correction"]["label"]) == (
        200,
        "cat",
        "dog",
    )
    listed = browser.get("/api/v1/datasets/pets/corrections").json
    assert listed == {"items": [answer.json["correction"]], "next_cursor": None}
    # The class it has anyway needs no correction.
    assert browser.put(where, json={"label": "cat"}).json == {"correction": None}
    assert browser.put(where, json={"label": None}).status_code == 200
    assert browser.delete(where).status_code == 204
    assert kept(world) == []
    for wrong, status in (({"label": "wolf"}, 422), ({}, 422), ({"label": 3}, 422)):
        assert browser.put(where, json=wrong).status_code == status
    assert browser.put(where.replace(f"/{first}/", "/999/"), json={"label": None}).status_code == 404
    assert browser.get("/api/v1/datasets/nothing/corrections").status_code == 404
    applied = browser.post("/api/v1/datasets/pets/corrections/apply", headers={"Idempotency-Key": "k"})
    assert applied.status_code == 202
    again = browser.post("/api/v1/datasets/pets/corrections/apply", headers={"Idempotency-Key": "k"})
    assert (again.status_code, (again.json or {})["id"]) == (200, (applied.json or {})["id"])
