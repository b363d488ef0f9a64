"""A model trained elsewhere, from the request to the served version: the API, real Redis and a real child process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from shared.jobs.model import Json, Status
from shared.jobs.runner import Runner
from shared.registry import Registry
from tests.support.api_world import ApiWorld
from tests.support.redis_server import RedisServer
from tests.support.toy_models import colour_model, save_model
from tests.support.toy_versions import toy_version
from trainer.model_import.unit import ModelImportWork
from trainer.numbers import VersionNumbers

# Keras 3.15 reads TensorFlow's variables in a way that NumPy 2 warns of.
pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.processes,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:__array__ implementation"),
]
INPUT = {"width": 24, "height": 24, "color": "rgb"}


@pytest.fixture
def api(redis: Redis, redis_server: RedisServer, tmp_path: Path) -> ApiWorld:
    """An API with a dataset of cats and dogs."""
    world = ApiWorld(redis, redis_server.url, tmp_path / "var")
    toy_version(world.services.storage)
    return world


def imported(api: ApiWorld, **changes: Any) -> Json:
    """Asks for an import, does the trainer's part, and returns the job as clients see it."""
    body = {"path": "mine.keras", "labels": ["cat", "dog"], "input": INPUT, "dataset": "pets"} | changes
    answer = api.post("/api/v1/models/mine/versions", json=body)
    assert answer.json is not None
    assert answer.status_code == 202, answer.json
    registry = Registry(api.services.storage)
    work = ModelImportWork(
        api.settings, registry, api.services.pointers, api.units, VersionNumbers(api.redis, registry)
    )
    Runner(api.units, crashed=lambda claim: pytest.fail(f"{claim} crashed")).run(f"{answer.json['id']}:0", work)
    job = api.get(f"/api/v1/jobs/{answer.json['id']}").json
    assert job is not None
    return dict(job)


def save(api: ApiWorld, model: Any) -> None:
    """Puts a model where the request looks for it."""
    save_model(model, api.settings.import_dir / "mine.keras")


def test_a_better_model_is_served_and_a_worse_one_is_not(api: ApiWorld) -> None:
    save(api, colour_model())
    first = imported(api)

    assert first["status"] == Status.SUCCEEDED, first
    result = first["result"]
    assert result["model"] == {"name": "mine", "version": 1}
    assert result["metrics"] == {"test": {"accuracy": 1.0, "loss": result["metrics"]["test"]["loss"], "count": 8}}
    assert result["promoted"] is True
    assert result["reason"].startswith("Version 1 is served. It is the first version")

    save(api, colour_model(swapped=True))
    second = imported(api)
    assert second["status"] == Status.SUCCEEDED, second
    assert second["result"]["model"]["version"] == 2
    assert second["result"]["promoted"] is False
    assert "against 100.0\u202f% of version 1" in second["result"]["reason"]
    assert second["result"]["gate"]["code"] == "not_better"

    model = api.get("/api/v1/models/mine").json
    version = api.get("/api/v1/models/mine/versions/2").json
    assert model is not None
    assert version is not None
    assert (model["served_version"], model["versions"]) == (1, [1, 2])
    assert (version["recipe"], version["origin"]["path"]) == (None, "mine.keras")
    for path in version["links"].values():
        assert api.get(path).status_code == 200


def test_what_cannot_be_taken_fails_with_the_reason_and_keeps_no_number(api: ApiWorld) -> None:
    missing = imported(api)
    assert (missing["status"], missing["error"]["code"]) == ("failed", "source_not_found")

    api.settings.import_dir.mkdir(parents=True, exist_ok=True)
    (api.settings.import_dir / "mine.keras").write_bytes(b"\x89HDF")
    wrong = imported(api)
    assert (wrong["status"], wrong["error"]["code"]) == ("failed", "model_refused")
    assert "HDF5" in wrong["error"]["message"]
    assert api.get("/api/v1/models/mine").status_code == 404

    save(api, colour_model())
    assert imported(api)["result"]["model"]["version"] == 1
