"""The page that asks whether a version is to answer."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from shared.heartbeat import Heartbeat
from shared.registry import Dataset
from tests.support.manifests import toy_manifest
from tests.support.page_world import PageWorld
from tests.support.schedule_world import toy_schedule
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version

LABELS = ("cat", "dog")


@pytest.fixture
def pets(world: PageWorld) -> PageWorld:
    """A Loupe that serves pets v1, which is wrong about two of four dogs, and has a v2, wrong about one cat of four."""
    dataset = toy_version(world.storage)
    version = open_version(world.storage, "pets")
    for number, wrong in ((1, (4, 5)), (2, (0,))):
        lines = ["index,true,said,score"]
        for count, place in enumerate(version.test.tolist()):
            true = int(version.labels[place])
            lines.append(f"{place},{true},{1 - true if count in wrong else true},0.9")
        where = {"dataset": Dataset(name="pets", version=dataset.version)}
        manifest = toy_manifest("pets", number, LABELS).model_copy(update=where)
        world.registry.publish(manifest, {"answers.csv": "\n".join(lines).encode()})
    world.registry.promote("pets", 1)
    return world


@pytest.mark.usefixtures("pets")
def test_the_question_says_in_numbers_what_will_change(browser: FlaskClient) -> None:
    page = browser.get("/models/pets/2/promote").text
    assert "v2 beside v1, on the same 8 test pictures" in page
    for words, value in (("right, v2", "87.5"), ("right, v1, serving", "75.0"), ("change in points", "+12.5")):
        assert f"<dt>{words}</dt><dd>{value}" in page
    compared = "/models/pets/compare?new=2&amp;old=1&amp;show="
    assert f'<dt>pictures fixed</dt><dd><a href="{compared}fixed">2</a></dd>' in page
    assert f'<dt>pictures broken</dt><dd class="failed"><a href="{compared}broken">1</a></dd>' in page
    assert '<span class="pill failed">−25.0</span>' in page
    assert "No worker is there now." in page


def test_the_question_says_who_follows(pets: PageWorld, browser: FlaskClient) -> None:
    held = [{"name": "pets", "version": 1, "state": "ready", "serving": True}]
    for role, models in (("single", held), ("list", []), ("trainer", [])):
        Heartbeat(pets.redis, role, lambda models=models: ("ready", models)).beat()  # type: ignore[misc]
    page = browser.get("/models/pets/2/promote").text
    assert "2 workers follow within seconds" in page
    assert "<td>single pictures</td><td>v1</td>" in page
    assert "<td>batches</td>" in page


def test_the_way_back_says_so_and_names_the_schedule_that_may_undo_it(pets: PageWorld, browser: FlaskClient) -> None:
    pets.registry.promote("pets", 2)
    pets.schedules.create(toy_schedule())
    page = browser.get("/models/pets/1/promote").text
    assert "this is the way back." in page
    assert 'The schedule <a href="/schedules/weekly">weekly</a> trains pets' in page
    assert '<dt>change in points</dt><dd class="failed">−12.5</dd>' in page


def test_a_version_that_could_not_be_loaded_says_why(pets: PageWorld, browser: FlaskClient) -> None:
    broken = pets.registry.promote("pets", 2)
    pets.registry.go_back("pets", broken, 1, "The self-test answers otherwise.")
    page = browser.get("/models/pets/2/promote").text
    assert "<code>failed_to_load</code>" in page
    assert "The self-test answers otherwise." in page
    assert "this is the way back" not in page


def test_versions_that_share_no_picture_are_not_compared(pets: PageWorld, browser: FlaskClient) -> None:
    pets.registry.publish(toy_manifest("pets", 3, LABELS), {})
    page = browser.get("/models/pets/3/promote").text
    assert "each on its own test pictures" in page
    assert "No picture is known that both were asked about" in page
