"""The page of all datasets, its form, and the report of one."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.pages.source_kinds import KINDS
from shared.datasets.manifest import SideCounts
from shared.datasets.report import MOST_LISTED, Refused
from shared.schemas.source import TYPES
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer

COMMON = {"name": "pets", "test_fraction": "0.25", "seed": "7"}


def test_without_datasets_the_page_says_the_two_ways_to_add_one(browser: FlaskClient) -> None:
    page = browser.get("/datasets").text
    assert "There is no dataset yet" in page
    assert "From a folder on this machine" in page
    assert "From your computer" in page
    assert "/var/import" in page


def test_every_kind_of_source_has_its_form(browser: FlaskClient) -> None:
    assert {kind.type for kind in KINDS} == {*TYPES, "archive", "upload"}
    for kind in KINDS:
        page = browser.get(f"/datasets?from={kind.type}").text
        assert f'<input type="hidden" name="from" value="{kind.type}">' in page
        assert f'aria-current="true">{kind.title}</a>' in page
        for field in kind.fields:
            assert f'name="{field.name}"' in page


@pytest.mark.parametrize(
    ("type_", "fields", "source"),
    [
        ("directory", {"source.path": " pets/train "}, {"path": "pets/train"}),
        (
            "directory",
            {"source.path": "a", "source.test.path": "b"},
            {"path": "a", "test": {"type": "directory", "path": "b"}},
        ),
        ("filenames", {"source.path": "a", "source.pattern": "{label}.*"}, {"path": "a", "pattern": "{label}.*"}),
        (
            "pixels-csv",
            {"source.path": "a.csv", "source.width": "28", "source.height": "28", "source.names": "T-shirt\r\n\r\nBag"},
            {"path": "a.csv", "width": 28, "height": 28, "names": ["T-shirt", "Bag"]},
        ),
        (
            "idx",
            {"source.images": "i", "source.labels": "l", "source.test.images": "ti", "source.test.labels": "tl"},
            {"images": "i", "labels": "l", "test": {"type": "idx", "images": "ti", "labels": "tl"}},
        ),
        ("urls", {"source.path": "list.csv"}, {"path": "list.csv"}),
        ("generated", {"source.name": "shapes", "source.count": "40"}, {"name": "shapes", "count": 40}),
    ],
)
def test_the_form_becomes_an_import(
    world: PageWorld, browser: FlaskClient, type_: str, fields: dict[str, str], source: dict[str, object]
) -> None:
    assert 'name="once"' in browser.get(f"/datasets?from={type_}").text
    sent = {**COMMON, "from": type_, **fields, "once": "k"}
    answer = browser.post("/datasets", data=sent)
    assert answer.status_code == 303, answer.text
    assert browser.post("/datasets", data=sent).location == answer.location
    job = world.jobs.get(answer.location.rpartition("/")[2])
    assert job.kind == "import"
    assert job.spec == {"name": "pets", "test_fraction": 0.25, "seed": 7, "source": {"type": type_, **source}}


def test_an_archive_is_uploaded(world: PageWorld, browser: FlaskClient) -> None:
    archive = (io.BytesIO(b"PK\x03\x04rest"), "pets.zip")
    answer = browser.post("/datasets", data={**COMMON, "from": "archive", "archive": archive})
    assert answer.status_code == 303, answer.text
    job = world.jobs.get(answer.location.rpartition("/")[2])
    assert job.spec["source"]["filename"] == "pets.zip"
    assert world.storage.read_bytes(job.spec["source"]["upload"]) == b"PK\x03\x04rest"


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({"from": "directory", "source.path": "a", "name": "Pets!"}, "name", "small letters, digits"),
        ({"from": "directory", "source.path": "a", "test_fraction": "much"}, "test_fraction", "'much'"),
        ({"from": "directory", "source.path": "a", "test_fraction": "1.5"}, "test_fraction", "less than 1"),
        ({"from": "directory", "source.path": "a", "seed": "-1"}, "seed", "greater than or equal to 0"),
        ({"from": "directory", "source.path": ""}, "source-path", "Field required"),
        ({"from": "directory", "source.path": "../etc"}, "source-path", "without <code>..</code>"),
        ({"from": "directory", "source.path": "a", "source.test.path": "/etc"}, "source-test-path", "received"),
        ({"from": "filenames", "source.path": "a", "source.pattern": "x"}, "source-pattern", "{label} once"),
        ({"from": "generated", "source.name": "shapes", "source.count": "many"}, "source-count", "'many'"),
        (
            {"from": "idx", "source.images": "a", "source.labels": "b", "source.names": "x"},
            "source-names",
            "at least 2",
        ),
        ({"from": "archive"}, "archive", "received 0"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    browser: FlaskClient, sent: dict[str, str], field: str, words: str
) -> None:
    answer = browser.post("/datasets", data={**COMMON, **sent})
    assert answer.status_code == 422
    said = re.search(rf'<p class="wrong small" id="e-f-{field}">(.*?)</p>', answer.text)
    assert said is not None, answer.text
    assert words in said[1].replace("&#39;", "'")
    assert re.search(rf'id="f-{field}"[^>]*aria-invalid="true" aria-describedby="[^"]*e-f-{field}"', answer.text)
    assert "1 field is not right." in answer.text


def test_what_was_entered_stays(browser: FlaskClient) -> None:
    sent = {**COMMON, "from": "idx", "name": '"><b>', "source.images": "i.gz", "source.names": "</textarea>x"}
    page = browser.post("/datasets", data=sent).text
    assert 'value="&#34;&gt;&lt;b&gt;"' in page
    assert 'value="i.gz"' in page
    assert "&lt;/textarea&gt;x" in page


def test_an_archive_that_is_none_is_refused(browser: FlaskClient) -> None:
    archive = (io.BytesIO(b"hello"), "pets.zip")
    page = browser.post("/datasets", data={**COMMON, "from": "archive", "archive": archive})
    assert page.status_code == 422
    assert "this begins as neither" in page.text


def test_what_lies_in_the_import_folder_is_suggested(redis_server: RedisServer, tmp_path: Path) -> None:
    for name in ("pets/train", "pets/.hidden", "x"):
        (tmp_path / "in" / name).mkdir(parents=True)
    world = PageWorld(redis_server.url, tmp_path / "var", import_dir=tmp_path / "in")
    page = world.app.test_client().get("/datasets", headers={"Accept": "text/html"}).text
    assert re.findall(r'<option value="([^"]+)"></option>', page) == ["pets", "pets/train", "x"]


def test_an_import_on_its_way_is_shown_with_its_progress(world: PageWorld, browser: FlaskClient) -> None:
    job_id = world.importing("fashion", total=70_000)
    world.start(job_id, {"done": 20_000, "failed": 3, "total": 70_000})
    page = browser.get("/datasets").text
    assert f'<a href="/jobs/{job_id}">Import of fashion</a>' in page
    assert "20,000 of 70,000 pictures" in page
    assert "data-refresh" in page
    # A reload would empty the form while it is filled in; the parts that script exchanges do not hold it.
    assert 'http-equiv="refresh"' not in page


def test_datasets_are_listed_and_lead_to_training(world: PageWorld, browser: FlaskClient) -> None:
    world.dataset("pets")
    page = browser.get("/datasets").text
    assert 'href="/datasets/pets"' in page
    assert 'href="/train?dataset=pets"' in page
    assert "cat and dog" in page
    assert "data-refresh" not in page


def test_importing_again_fills_the_form_as_it_was(world: PageWorld, browser: FlaskClient) -> None:
    world.dataset("pets")
    page = browser.get("/datasets?again=pets").text
    assert '<input type="hidden" name="from" value="directory">' in page
    assert 'value="pets/train"' in page
    assert re.search(r'value="pets"[^>]* id="f-name"', page)


def test_a_report_says_what_the_import_found(world: PageWorld, browser: FlaskClient) -> None:
    refused = [Refused(file="cat/<b>.jpg", code="not_an_image", message="The file ends too early.")]
    world.dataset(
        "pets",
        counts={"cat": SideCounts(train=40, test=10), "dog": SideCounts(train=8, test=2)},
        total=60,
        imbalance=4.2,
        refused=refused,
        refused_count=1,
        refused_codes={"not_an_image": 1},
        duplicates=2,
        duplicate_files=["dog/copy.jpg"],
        crossed=1,
        crossed_files=["test/dog/x.jpg"],
    )
    page = browser.get("/datasets/pets").text
    assert "The largest class has 4.2 times the pictures of the smallest." in page
    assert "Why 1 file was refused" in page
    assert "cat/&lt;b&gt;.jpg" in page
    assert "The file ends too early." in page
    assert "dog/copy.jpg" in page
    assert "test/dog/x.jpg" in page
    assert page.index(">cat</th>") < page.index(">dog</th>")
    assert 'href="/train?dataset=pets"' in page


def test_the_pictures_of_a_report_are_there(world: PageWorld, browser: FlaskClient) -> None:
    world.dataset("pets")
    page = browser.get("/datasets/pets").text
    files = "/api/v1/datasets/pets/versions/3f2a90b1c4d5/files"
    for file in ("samples.webp", "balance.png", "report.json"):
        assert f'"{files}/{file}"' in page
        assert browser.get(f"{files}/{file}").status_code == 200


def test_versions_say_what_they_added_and_removed(world: PageWorld, browser: FlaskClient) -> None:
    world.dataset("pets", "0f2a90b1c4d5")
    world.dataset("pets", "3f2a90b1c4d5", previous="0f2a90b1c4d5", added=12, removed=3)
    page = browser.get("/datasets/pets").text
    assert "+12" in page
    assert "\u22123" in page
    older = browser.get("/datasets/pets?version=0f2a90b1c4d5").text
    assert 'href="/train?dataset=pets@0f2a90b1c4d5"' in older


def test_a_report_of_very_many_stays_small(world: PageWorld, browser: FlaskClient) -> None:
    names = [f"class-{n:04}" for n in range(1000)]
    refused = [Refused(file=f"{n}/{'x' * 60}.jpg", code="not_an_image", message="m" * 90) for n in range(MOST_LISTED)]
    world.dataset(
        "many",
        classes=names,
        counts={name: SideCounts(train=4, test=1) for name in names},
        refused=refused,
        refused_count=5000,
        refused_codes={"not_an_image": 5000},
        duplicates=900,
        duplicate_files=[f"{n}/{'y' * 60}.jpg" for n in range(900)],
    )
    for path in ("/datasets", "/datasets/many", "/train"):
        assert len(browser.get(path).data) < 100_000, path
    assert "The first 50 of them" in browser.get("/datasets/many").text


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/datasets/nobody", "dataset_not_found"),
        ("/datasets/Odd", "dataset_not_found"),
        ("/datasets/pets?version=ffffffffffff", "version_not_found"),
        ("/datasets/pets?version=../x", "version_not_found"),
        ("/datasets?again=../x", "dataset_not_found"),
    ],
)
def test_what_is_not_there_is_said_by_its_code(world: PageWorld, browser: FlaskClient, path: str, code: str) -> None:
    world.dataset("pets")
    page = browser.get(path)
    assert page.status_code == 404
    assert f"<code>{code}</code>" in page.text
