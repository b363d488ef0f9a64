"""Another version goes live, or cannot, while pictures are sent: real processes, and no request fails."""

from __future__ import annotations

import io
import time
from functools import partial

import numpy as np
import pytest

from shared.registry import Registry
from shared.storage import Storage
from tests.support import pictures
from tests.support.launched import wait_until
from tests.support.loupe import WORKERS, RunningLoupe
from tests.support.plain_shapes import LABELS, plain_shape
from tests.support.traffic import Traffic

pytestmark = [pytest.mark.processes, pytest.mark.tensorflow]

MODEL = "swapped"
MODEL_PATH = f"/api/v1/models/{MODEL}"
# A promotion is followed everywhere within this.
FOLLOWED_S = 5.0
# The pointer is back by then: a worker has to fail, every worker to say so, and the scheduler to look.
BACK_S = 20.0


@pytest.fixture(scope="module")
def registry(loupe: RunningLoupe) -> Registry:
    """A registry with three versions of one model, all as good as the built-in one; the first is served."""
    registry = Registry(Storage(str(loupe.data_dir / "storage")))
    for version in (1, 2, 3):
        copy(registry, version)
    assert loupe.post(f"{MODEL_PATH}/promote", json={"version": 1}).status_code == 200
    return registry


def copy(registry: Registry, version: int, **files: bytes) -> None:
    """Publishes the built-in model under another name and number, with other files in place of some of its own."""
    manifest = registry.manifest("shapes", 1)
    content = {file: registry.file("shapes", 1, file) for file in manifest.files} | files
    registry.publish(manifest.model_copy(update={"name": MODEL, "version": version, "files": {}}), content)


@pytest.fixture(scope="module")
def shapes() -> list[bytes]:
    rng = np.random.default_rng(5)
    return [pictures.encode(".png", plain_shape(LABELS[n % 4], rng)) for n in range(16)]


def is_served(loupe: RunningLoupe, version: int) -> bool:
    """Tells whether all workers serve a version."""
    serving = [worker["version"] for worker in loupe.get(MODEL_PATH).json()["workers"] if worker["serving"]]
    return serving == [version] * WORKERS


def promote(loupe: RunningLoupe, version: int) -> None:
    answer = loupe.post(f"{MODEL_PATH}/promote", json={"version": version})
    assert (answer.status_code, answer.json()["served_version"]) == (200, version)


def serve_first(loupe: RunningLoupe) -> None:
    """Has version 1 answer everywhere, by way of version 3.

    Without the way round, a worker that is about to follow an earlier test's promotion still says 1.
    """
    for version in (3, 1):
        promote(loupe, version)
        wait_until(partial(is_served, loupe, version), 30, f"all workers serve version {version}")


def test_a_promotion_and_the_way_back_lose_no_picture(
    loupe: RunningLoupe, registry: Registry, shapes: list[bytes]
) -> None:
    serve_first(loupe)
    with Traffic(loupe, MODEL, shapes) as traffic:
        traffic.wait_more(10)
        for version in (2, 1):
            promote(loupe, version)
            traffic.wait(partial(is_served, loupe, version), FOLLOWED_S, f"all workers serve version {version}")
            switched = time.monotonic()
            traffic.wait_more(20)
            assert traffic.since(switched) == {version}
    assert not traffic.troubles
    assert set(traffic.versions) == {1, 2}
    # The old one is dropped.
    held = {worker["version"] for worker in loupe.get(MODEL_PATH).json()["workers"]}
    assert held == {1}


def test_a_list_keeps_the_version_that_it_began_with(
    loupe: RunningLoupe, registry: Registry, shapes: list[bytes]
) -> None:
    promote(loupe, 1)
    files = [("file", (f"{n}.png", shapes[n % 16])) for n in range(300)]
    job = loupe.post("/api/v1/classifications", files=files, data={"model": MODEL}).json()
    promote(loupe, 2)
    ended = loupe.wait_job(job["id"], 90)
    assert (ended["status"], ended["result"]["succeeded"]) == ("succeeded", 300)
    assert ended["result"]["model"] == {"name": MODEL, "version": 1}
    items = loupe.get(f"/api/v1/jobs/{job['id']}/results?limit=1000").json()["items"]
    assert {item["model"]["version"] for item in items} == {1}


def test_a_version_in_shadow_answers_copies_and_nobody_sees_it(
    loupe: RunningLoupe, registry: Registry, shapes: list[bytes]
) -> None:
    serve_first(loupe)
    with Traffic(loupe, MODEL, shapes, pause_s=0.05) as traffic:
        # When version 2, which is the same network, gets a copy of every picture
        asked = {"version": 2, "fraction": 1}
        assert loupe.request("PUT", f"{MODEL_PATH}/shadow", json=asked).status_code == 200
        traffic.wait(lambda: loupe.get(f"{MODEL_PATH}/shadow").json()["compared"] >= 30, 30, "30 comparisons")
        # And lists are sent as well
        files = [("file", (f"{n}.png", shapes[n % 16])) for n in range(48)]
        listed = loupe.post("/api/v1/classifications", files=files, data={"model": MODEL}).json()
        assert loupe.wait_job(listed["id"])["result"]["model"]["version"] == 1
    found = loupe.get(f"{MODEL_PATH}/shadow").json()
    assert (found["agreement"], found["failed"]) == (1.0, 0)
    assert {one["label"] for one in found["classes"]} <= set(LABELS)
    # Then every answer is the served version's, and what is counted of it is as if the other were not there
    assert set(traffic.versions) == {1}
    promote(loupe, 2)
    assert loupe.get(f"{MODEL_PATH}/shadow").json()["code"] == "no_shadow"
    promote(loupe, 1)


def other_answers(registry: Registry) -> bytes:
    """Returns a self-test that the model does not pass."""
    with np.load(io.BytesIO(registry.file("shapes", 1, "selftest.npz"))) as stored:
        inputs, probabilities = stored["inputs"], stored["probabilities"]
    buffer = io.BytesIO()
    np.savez(buffer, inputs=inputs, probabilities=probabilities[:, ::-1])
    return buffer.getvalue()


@pytest.mark.parametrize(("version", "file"), [(11, "model.onnx"), (12, "selftest.npz")])
def test_a_version_that_no_worker_can_load_is_refused_and_no_picture_lost(
    loupe: RunningLoupe, registry: Registry, shapes: list[bytes], version: int, file: str
) -> None:
    # Given a version that is what its manifest says, and no model that answers as it should
    copy(registry, version, **{file: b"no model" if file == "model.onnx" else other_answers(registry)})
    serve_first(loupe)
    with Traffic(loupe, MODEL, shapes) as traffic:
        traffic.wait_more(10)
        # When it is promoted
        promote(loupe, version)
        urls = [("file", (f"{n}.png", shapes[n])) for n in range(16)]
        listed = loupe.post("/api/v1/classifications", files=urls, data={"model": MODEL}).json()
        # Then the pointer goes back by itself, and says why
        traffic.wait(lambda: loupe.get(MODEL_PATH).json()["served_version"] == 1, BACK_S, "the way back")
        traffic.wait_more(20)
    refused = loupe.get(f"{MODEL_PATH}/versions/{version}").json()
    assert refused["state"] == "failed_to_load"
    assert f"Version {version} of the model '{MODEL}' cannot be loaded" in refused["reason"]
    history = loupe.get(f"{MODEL_PATH}/history").json()["items"]
    assert [(one["version"], one["refused"] is not None) for one in history[:2]] == [(1, False), (version, True)]
    # And every picture, those of a list as well, was answered by the version before it
    assert set(traffic.versions) == {1}
    ended = loupe.wait_job(listed["id"])
    assert (ended["status"], ended["result"]["model"]["version"]) == ("succeeded", 1)


def test_a_damaged_file_is_refused_at_once(loupe: RunningLoupe, registry: Registry) -> None:
    promote(loupe, 1)
    (loupe.data_dir / "storage" / "models" / MODEL / "3" / "model.onnx").write_bytes(b"damaged")
    answer = loupe.post(f"{MODEL_PATH}/promote", json={"version": 3})
    assert (answer.status_code, answer.json()["code"]) == (409, "version_corrupt")
    assert "model.onnx is damaged" in answer.json()["detail"]
    assert loupe.get(MODEL_PATH).json()["served_version"] == 1
