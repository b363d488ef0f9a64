"""The API on a real Redis and a real storage, and hands that do a worker's part."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from werkzeug.test import TestResponse

from api.app import create_app
from api.services import EXTENSION, Services
from shared import items
from shared.errors import ItemError
from shared.ids import new_id
from shared.items import ItemInput, Prediction
from shared.jobs import files, keys
from shared.jobs.chunks import read_chunk, write_chunk
from shared.jobs.model import Json, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.units import UnitStore
from shared.settings import Settings
from tests.support.manifests import toy_manifest

MODEL = {"name": "pets", "version": 1}
BASE_URL = "http://127.0.0.1:8000"
URL = "http://example.org/cat.jpg"


@dataclass
class ApiWorld:
    """The whole application without its other processes.

    Attributes:
        redis: a plain client of the same server.
        options: settings beside those every test needs.
    """

    redis: Redis
    redis_url: str
    folder: Path
    options: Json = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = Settings(data_dir=self.folder, redis_url=self.redis_url, **self.options)
        self.app: Flask = create_app(self.settings)
        self.services: Services = self.app.extensions[EXTENSION]
        self.units = UnitStore(self.redis)

    def open(self, method: str, path: str, **options: Any) -> TestResponse:
        """Sends a request and reads the whole answer."""
        options.setdefault("base_url", BASE_URL)
        # Reads to the end and closes, as a server does.
        options.setdefault("buffered", True)
        return self.app.test_client().open(path, method=method, **options)

    def get(self, path: str, **options: Any) -> TestResponse:
        """Sends a GET."""
        return self.open("GET", path, **options)

    def post(self, path: str = "/api/v1/classifications", **options: Any) -> TestResponse:
        """Sends a POST."""
        return self.open("POST", path, **options)

    def publish(self, name: str = "pets", version: int = 1, *, serve: bool = True) -> None:
        """Publishes a version that was never trained."""
        self.services.registry.publish(
            toy_manifest(name, version), {"model.keras": b"weights", "sample-0.webp": b"RIFF"}
        )
        if serve:
            self.services.registry.promote(name, version)

    def single(self) -> str:
        """Creates a waiting job of one picture through the API and returns its id."""
        answer = self.post(json={"url": URL})
        assert answer.status_code == 202, answer.text
        return str(answer.json["id"])  # type: ignore[index]

    def training(self, spec: Json | None = None) -> str:
        """Creates a waiting training and returns its id."""
        unit = NewUnit({})
        new = NewJob(id=new_id(), kind=Kind.TRAINING, queue=Queue.TRAIN, units=[unit], spec=spec or {}, total=0)
        return self.services.jobs.create(new).job.id

    def classify(self, job_id: str, score: float = 0.9, picture: bytes = b"") -> None:
        """Ends a single job as a worker does."""
        assert self.units.claim(f"{job_id}:0", "token") is not None
        if picture:
            self.services.storage.write_bytes(files.single_image_path(job_id), picture)
        self.units.finish(f"{job_id}:0", 1, items.single_outcome(cat(ItemInput(url=URL), score)))

    def fail(self, job_id: str, error: ItemError) -> None:
        """Fails a single job as a worker does."""
        assert self.units.claim(f"{job_id}:0", "token") is not None
        item = items.failed(ItemInput(url=URL), error)
        self.units.finish(f"{job_id}:0", 1, items.single_outcome(item))

    def end_training(self, job_id: str) -> None:
        """Ends a training."""
        assert self.units.claim(f"{job_id}:0", "token") is not None
        self.units.finish(f"{job_id}:0", 1, Outcome(status=Status.SUCCEEDED, result={"model": MODEL}))

    def unit_ids(self, job_id: str) -> list[str]:
        """Returns the ids of a job's units in the order of their items."""
        return [f"{job_id}:{number}" for number in map(str, self.redis.zrange(keys.units(job_id), 0, -1))]

    def work_on_list(self, job_id: str, *, chunks: int | None = None) -> None:
        """Classifies a list's chunks: every third item fails, the others are cats."""
        for number, unit_id in enumerate(self.unit_ids(job_id)):
            if chunks is not None and number >= chunks:
                return
            claim = self.units.claim(unit_id, "token")
            assert claim is not None
            done = [outcome_of(item) for item in read_chunk(self.services.storage, claim)]
            path = write_chunk(self.services.storage, claim, done)
            self.units.finish(unit_id, claim.attempt, items.chunk_outcome(done, path))


def outcome_of(item: ItemInput) -> Json:
    """Returns a failure for every third item, else a cat whose score falls with its index."""
    if item.index % 3 == 2:
        return items.failed(item, ItemError("=broken"), model=MODEL)
    return cat(item, round(1 / (1 + item.index), 6))


def cat(item: ItemInput, score: float) -> Json:
    """Returns the item of a cat."""
    predictions = [Prediction("cat", score), Prediction("dog", 1 - score)]
    return items.succeeded(item, predictions=predictions, model=MODEL, timings={"fetch_ms": 8.0}, threshold=None)


def count_inputs(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """Returns a list that grows by each input that is parsed from now on."""
    read: list[Json] = []
    of = ItemInput.of

    def counted(fields: Json) -> ItemInput:
        read.append(fields)
        return of(fields)

    monkeypatch.setattr(ItemInput, "of", counted)
    return read
