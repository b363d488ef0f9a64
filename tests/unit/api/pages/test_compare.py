"""Two versions compared picture by picture."""

from __future__ import annotations

import io
import json
import random
import re
import time
from hashlib import sha256
from statistics import median
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from shared.datasets import DatasetManifest, Newest
from shared.registry import Dataset, Manifest
from tests.support.answered import answered_version
from tests.support.manifests import toy_manifest
from tests.support.page_world import PageWorld
from tests.support.toy_datasets import toy_dataset, toy_report
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version

PAGE = "/models/pets/compare"
API = "/api/v1/models/pets/versions"
MANY = 10_000
# The promise. Processor time, because the machine has other work as well; nothing here waits for anything else.
MOST_S = 0.5
ROUNDS = 5


def publish(world: PageWorld, dataset: DatasetManifest, number: int, wrong: dict[int, float]) -> None:
    """Publishes a version that is wrong about some test pictures, each with a score; about others it is right."""
    answered_version(
        world.storage,
        world.registry,
        dataset,
        number,
        lambda count, true: (1 - true, wrong[count]) if count in wrong else (true, 0.9),
    )


@pytest.fixture
def pets(world: PageWorld) -> PageWorld:
    """Two versions on four test cats and four test dogs: 1 and 5 are broken, 0 is fixed, 2 is wrong both times."""
    dataset = toy_version(world.storage)
    publish(world, dataset, 1, {0: 0.8, 2: 0.7})
    publish(world, dataset, 2, {1: 0.6, 5: 0.95, 2: 0.7})
    world.registry.promote("pets", 1)
    return world


def shown(page: str) -> list[int]:
    """Returns which pictures a page shows, in its order."""
    return [int(place) for place in re.findall(r'<img [^>]*src="[^"]*/pictures/([0-9]+)"', page)]


def test_what_was_broken_comes_first_the_surest_of_it_at_the_top(pets: PageWorld, browser: FlaskClient) -> None:
    test = open_version(pets.storage, "pets").test.tolist()
    page = browser.get(PAGE).text
    assert "<h1>pets v2 beside v1, picture by picture</h1>" in page
    assert "On 8 test pictures that both were asked about; these are all." in page
    assert shown(page) == [test[5], test[1]]
    assert "Broken 2</a>" in page
    assert 'loading="lazy"' in page
    assert shown(browser.get(f"{PAGE}?show=fixed").text) == [test[0]]
    assert shown(browser.get(f"{PAGE}?show=still_wrong").text) == [test[2]]
    assert shown(browser.get(f"{PAGE}?is=cat").text) == [test[1]]
    # The other way round what was fixed is what would be broken.
    assert shown(browser.get(f"{PAGE}?new=1&old=2").text) == [test[0]]


def test_pictures_that_were_not_common_are_counted_and_left_out(pets: PageWorld, browser: FlaskClient) -> None:
    newer = toy_version(pets.storage, counts={"cat": 25, "dog": 20})
    publish(pets, newer, 3, {4: 0.9, 0: 0.9})  # the fifth cat is new
    page = browser.get(f"{PAGE}?new=3&old=1").text
    assert "On 8 test pictures that both were asked about. Left out: 1 that only v3 saw." in page
    assert shown(browser.get(f"{PAGE}?new=3&old=1&show=still_wrong").text) == [
        open_version(pets.storage, "pets").test[0]
    ]


@pytest.mark.usefixtures("pets")
def test_many_pictures_are_paged(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.pager.EACH", 1)
    page = browser.get(PAGE).text
    assert "Broken: 1 to 1 of 2 pictures" in page
    (more,) = re.findall(r'href="([^"]*)" rel="next"', page)
    second = browser.get(more.replace("&amp;", "&")).text
    assert "Broken: 2 to 2 of 2 pictures" in second
    assert 'rel="prev"' in second
    assert not set(shown(page)) & set(shown(second))


def test_versions_are_chosen_on_the_models_page(pets: PageWorld, browser: FlaskClient) -> None:
    for path in ("/models", "/models/pets"):
        assert "/models/pets/compare" in browser.get(path).text
    assert 'compare?new=2&amp;old=1&amp;show=broken">2</a>' in browser.get("/models/pets/2/promote").text
    assert "Choose two different versions." in browser.get(f"{PAGE}?new=1&old=1").text


def test_where_nothing_can_be_compared_the_page_says_why(pets: PageWorld, browser: FlaskClient) -> None:
    pets.publish("lone")
    assert "There is one version only." in browser.get("/models/lone/compare").text
    pets.publish("lone", version=2)
    assert "before the answer to each picture was kept" in browser.get("/models/lone/compare").text
    assert browser.get("/models/nothing/compare").status_code == 404
    for wrong in ("new=9", "old=9", "new=x", "new=-1", "new=99999999999999999999"):
        assert browser.get(f"{PAGE}?{wrong}").status_code == 404
    pets.storage.delete("datasets/pets")
    page = browser.get(PAGE).text
    assert "The dataset was deleted" in page
    assert shown(page) == []


@pytest.mark.usefixtures("pets")
def test_programs_get_the_same(world: PageWorld, browser: FlaskClient) -> None:
    test = open_version(world.storage, "pets").test.tolist()
    found = browser.get(f"{API}/2/compare?beside=1&limit=1").json
    assert found is not None
    counts = {
        name: found[name] for name in ("compared", "accuracy", "beside_accuracy", "broken", "still_wrong", "fixed")
    }
    assert counts == {
        "compared": 8, "accuracy": 5 / 8, "beside_accuracy": 6 / 8, "broken": 2, "still_wrong": 1, "fixed": 1
    }  # fmt: skip
    assert [(one["index"], one["true"], one["said"], one["score"]) for one in found["items"]] == [
        (test[5], "dog", "cat", 0.95)
    ]
    assert browser.get(found["items"][0]["links"]["picture"]).mimetype == "image/png"
    rest = browser.get(f"{API}/2/compare?beside=1&limit=1&cursor={found['next_cursor']}").json
    assert rest is not None
    assert ([one["index"] for one in rest["items"]], rest["next_cursor"]) == ([test[1]], None)
    for query, status in (("", 422), ("beside=x", 422), ("beside=9", 404), ("beside=1&outcome=right", 422)):
        assert browser.get(f"{API}/2/compare?{query}").status_code == status
    world.registry.publish(world.registry.manifest("pets", 1).model_copy(update={"version": 3, "files": {}}), {})
    answer = browser.get(f"{API}/2/compare?beside=3")
    assert (answer.status_code, (answer.json or {})["code"]) == (409, "no_answers")


def many(world: PageWorld, version: str, first: int, seed: int) -> Manifest:
    """Publishes a version that was tested on the pictures from `first` on, of a dataset of five times as many."""
    rng = random.Random(seed)
    items: list[dict[str, Any]] = [
        {"file": f"pets/train/cat/IMG_{n:08d}.jpg", "label": "cat", "split": "test", "width": 500, "height": 375}
        | {"bytes": 40_000, "format": "jpeg", "sha256": sha256(str(n).encode()).hexdigest()}
        for n in range(first, first + 5 * MANY)
    ]
    index = io.BytesIO()
    np.savez(index, sha256=np.array([list(bytes.fromhex(item["sha256"])) for item in items], np.uint8))
    files = {
        "items.ndjson": b"".join(json.dumps(item).encode() + b"\n" for item in items),
        "index.npz": index.getvalue(),
    }
    dataset = toy_dataset("many", version, toy_report(), files)
    for file, data in (files | {"manifest.json": dataset.model_dump_json().encode()}).items():
        world.storage.write_bytes(f"datasets/many/{version}/{file}", data)
    newest = {"version": version, "imported_at": dataset.created_at, "source": {}, "test_fraction": 0.2, "seed": 0}
    world.storage.write_bytes("datasets/many/newest.json", Newest.model_validate(newest).model_dump_json().encode())
    lines = [f"{place},0,{int(rng.random() < 0.2)},0.912345" for place in range(MANY)]
    manifest = toy_manifest("many", seed).model_copy(update={"dataset": Dataset(name="many", version=version)})
    return world.registry.publish(manifest, {"answers.csv": "\n".join(["index,true,said,score", *lines]).encode()})


def test_ten_thousand_test_pictures_are_compared_in_half_a_second(world: PageWorld, browser: FlaskClient) -> None:
    for number, (version, first) in enumerate((("a" * 12, 0), ("a" * 12, 0), ("b" * 12, 100)), start=1):
        many(world, version, first, number)
    for query, common in (("new=2&old=1", "10,000"), ("new=3&old=1&show=still_wrong&from=48", "9,900")):
        took = []
        for _ in range(ROUNDS):
            began = time.process_time()
            page = browser.get(f"/models/many/compare?{query}")
            took.append(time.process_time() - began)
            assert page.status_code == 200
            assert len(page.data) < 100_000
            assert f"On {common} test pictures" in page.text
        assert median(took) <= MOST_S, took
