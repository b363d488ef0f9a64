"""The pictures behind the numbers of a confusion matrix."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient

from shared.datasets import DatasetManifest
from shared.registry import Dataset
from tests.support.manifests import toy_manifest
from tests.support.page_world import PageWorld
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version
from trainer.evaluation.answers import answers_file

LABELS = ("cat", "dog")
PAGE = "/models/pets/1/pictures"


@pytest.fixture
def pets(world: PageWorld) -> DatasetManifest:
    """A model that took the first two of four test cats for dogs, and knew all four dogs; it is surest of the first."""
    dataset = toy_version(world.storage)
    version = open_version(world.storage, "pets")
    places, targets = version.test, version.labels[version.test]
    scores = np.linspace(0.99, 0.6, len(places))
    said = targets.copy()
    said[:2] = 1
    answers = np.stack([1 - scores, scores], axis=1)
    answers[said == 0] = answers[said == 0][:, ::-1]
    manifest = toy_manifest("pets", 1, LABELS).model_copy(
        update={"dataset": Dataset(name="pets", version=dataset.version), "confusion": [[2, 2], [0, 4]]}
    )
    world.registry.publish(manifest, {"answers.csv": answers_file(answers.astype(np.float32), targets, places)})
    return dataset


def shown(page: str) -> list[int]:
    """Returns which pictures a page shows, in its order."""
    return [int(place) for place in re.findall(r'<img [^>]*src="[^"]*/pictures/([0-9]+)"', page)]


def test_a_cell_shows_exactly_its_pictures(world: PageWorld, browser: FlaskClient, pets: DatasetManifest) -> None:
    test = open_version(world.storage, "pets").test.tolist()
    assert shown(browser.get(f"{PAGE}?is=cat&said=dog").text) == test[:2]
    assert shown(browser.get(f"{PAGE}?is=cat&said=cat").text) == test[3:1:-1]
    assert shown(browser.get(f"{PAGE}?is=dog&said=cat").text) == []
    assert shown(browser.get(f"{PAGE}?is=dog&said=dog").text) == test[:3:-1]


def test_a_class_and_an_answer_can_be_asked_for_alone(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest
) -> None:
    test = open_version(world.storage, "pets").test.tolist()
    page = browser.get(f"{PAGE}?is=cat").text
    assert "<h1>4 pictures of cat, and what pets v1 said</h1>" in page
    # Wrong ones first, the surest of them at the top; then the least sure right ones.
    assert shown(page) == [test[0], test[1], test[3], test[2]]
    page = browser.get(f"{PAGE}?said=dog").text
    assert "<h1>6 pictures that pets v1 called dog</h1>" in page
    assert sorted(shown(browser.get(PAGE).text)) == test


def test_each_picture_says_what_it_is_and_can_be_opened(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest
) -> None:
    page = browser.get(f"{PAGE}?is=cat&said=dog").text
    assert re.findall("<option selected>([^<]*)<", page) == ["cat", "dog"]
    assert f'alt="Picture {shown(page)[0]}: is cat, said dog"' in page
    assert "dog 99.0\u202f%" in page
    (href,) = set(re.findall(r'<a href="(/api/v1/datasets/[^"]*/pictures/0)"', page))
    picture = browser.get(href)
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert picture.data == open_version(world.storage, "pets").picture(0)


def test_many_pictures_are_paged(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.pages.pager.EACH", 3)
    first = browser.get(PAGE).text
    assert "1 to 3 of 8 pictures" in first
    assert 'rel="prev"' not in first
    (more,) = re.findall(r'href="([^"]*)" rel="next"', first)
    second = browser.get(more.replace("&amp;", "&")).text
    assert "4 to 6 of 8 pictures" in second
    assert 'rel="prev"' in second
    last = browser.get(f"{PAGE}?from=6").text
    assert 'rel="next"' not in last
    assert sorted(shown(first) + shown(second) + shown(last)) == open_version(world.storage, "pets").test.tolist()


def test_without_its_dataset_a_version_still_says_what_it_answered(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest
) -> None:
    world.storage.delete("datasets/pets")
    page = browser.get(f"{PAGE}?is=cat&said=dog").text
    assert "The dataset was deleted" in page
    assert "dog 99.0\u202f%" in page
    assert "<img" not in page.split("<main")[1]


def test_a_version_from_before_answers_were_kept_says_so(world: PageWorld, browser: FlaskClient) -> None:
    world.publish()
    page = browser.get("/models/shapes/1/pictures?is=star")
    assert page.status_code == 200
    assert "before Loupe kept the answer to each picture" in page.text


def test_answers_that_cannot_be_read_are_an_error_that_says_so(
    world: PageWorld, browser: FlaskClient, pets: DatasetManifest
) -> None:
    Path(world.storage.url, "models/pets/1/answers.csv").write_text("index,true,said,score\nx")
    page = browser.get(PAGE)
    assert page.status_code == 409
    assert "version_corrupt" in page.text
