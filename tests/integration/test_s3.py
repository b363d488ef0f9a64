"""All of Loupe with its files on S3, moved there from a folder: import, train, publish, load, classify."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from shared.registry import Registry
from shared.storage import Storage
from tests.support.archives import zipped
from tests.support.imports import picture
from tests.support.loupe import RunningLoupe
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape
from tests.support.s3 import S3Server

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow, pytest.mark.timeout(300, func_only=True)]


@pytest.fixture(scope="module")
def remote(loupe: RunningLoupe, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLoupe]:
    """A Loupe on S3 with the built-in dataset and model, which another one made in a folder."""
    with S3Server() as server:
        settings = {"LOUPE_STORAGE_URL": server.new_url(), **server.environment}
        move_shapes(loupe, settings)
        with RunningLoupe(tmp_path_factory.mktemp("s3") / "var", settings) as running:
            running.wait_ready(240)
            yield running


def move_shapes(loupe: RunningLoupe, settings: dict[str, str]) -> None:
    """Copies what the first training made, as an operator does who moves to S3, but for later versions."""
    folder = loupe.data_dir / "storage"
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(name, value)
        storage = Storage(settings["LOUPE_STORAGE_URL"])
        for part in ("datasets/shapes", "models/shapes/1"):
            for file in (path for path in (folder / part).rglob("*") if path.is_file()):
                storage.write_bytes(str(file.relative_to(folder)), file.read_bytes())
        Registry(storage).promote("shapes", 1)


def test_nothing_but_redis_and_the_cache_is_on_this_machine(remote: RunningLoupe) -> None:
    assert not (remote.data_dir / "storage").exists()


def test_a_picture_and_a_list_are_classified(remote: RunningLoupe) -> None:
    star = encode(".png", plain_shape("star", np.random.default_rng(4)))
    single = remote.classify(files={"file": ("star.png", star)})
    assert (single["status"], single["result"]["label"]) == ("succeeded", "star"), single
    listed = remote.classify(files=[("file", ("star.png", star))] * 3)
    assert (listed["status"], listed["result"]["labels"]) == ("succeeded", {"star": 3}), listed
    lines = remote.get(f"/api/v1/jobs/{listed['id']}/results?format=ndjson").text.splitlines()
    assert len(lines) == 3


def test_an_archive_becomes_a_dataset_and_the_dataset_a_model_that_answers(remote: RunningLoupe) -> None:
    archive = zipped({f"{name}/{n}.jpg": picture(100 * place + n) for place, name in enumerate("ab") for n in range(8)})
    form = {"name": "toys", "test_fraction": "0.25"}
    job = remote.post("/api/v1/datasets", data=form, files={"archive": ("toys.zip", archive)}).json()
    ended = remote.wait_job(job["id"], 120)
    assert ended["status"] == "succeeded", ended
    version = ended["result"]["dataset"]["version"]
    shown = remote.get(f"/api/v1/datasets/toys/versions/{version}/pictures/0")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")

    asked = {"dataset": "toys", "recipe": "natural-images-32", "model": "toys", "params": {"epochs": 1}}
    ended = remote.wait_job(remote.post("/api/v1/trainings", json=asked).json()["id"], 240)
    assert (ended["status"], ended["result"]["promoted"]) == ("succeeded", True), ended
    answer = remote.classify(files={"file": ("0.jpg", shown.content)}, data={"model": "toys"})
    assert answer["status"] == "succeeded", answer
    assert answer["result"]["model"] == {"name": "toys", "version": 1}
    for page in ("/models/toys/1", "/models/toys/1/pictures", "/datasets/toys", "/"):
        assert remote.get(page).status_code == 200, page


def test_a_promoted_version_is_taken_back_and_deleted(remote: RunningLoupe) -> None:
    asked = {"dataset": "shapes", "recipe": "shapes", "model": "shapes", "params": {"epochs": 1}, "promote": "always"}
    ended = remote.wait_job(remote.post("/api/v1/trainings", json=asked).json()["id"], 240)
    assert ended["status"] == "succeeded", ended
    assert remote.post("/api/v1/models/shapes/promote", json={"version": 1}).json()["served_version"] == 1
    assert remote.request("DELETE", "/api/v1/models/shapes/versions/2").status_code == 204
    assert remote.get("/api/v1/models/shapes").json()["versions"] == [1]
