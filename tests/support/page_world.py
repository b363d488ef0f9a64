"""A Loupe without processes: its pages on a real Redis and a real storage, and hands that do a worker's part."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import SecretStr

from api.app import create_app
from api.services import EXTENSION, Services
from shared import ids, items
from shared.datasets import Newest
from shared.items import ItemInput, Prediction
from shared.jobs import files
from shared.jobs.model import Job, Json, Kind, NewJob, NewUnit, Outcome, Queue, Status
from shared.jobs.units import UnitStore
from shared.registry import ClassMetrics, Metrics, Sample, SplitMetrics
from shared.schedules.store import ScheduleStore
from shared.settings import Settings
from tests.support.manifests import toy_manifest
from tests.support.pictures import encode, photo
from tests.support.plain_shapes import LABELS, plain_shape
from tests.support.toy_datasets import toy_dataset, toy_report

SHAPES = {"name": "shapes", "version": 1}


class PageWorld:
    """The whole app and everything behind it, but for the processes that do the work.

    Args:
        redis_url: of an empty Redis.
        folder: for all files.
    """

    def __init__(self, redis_url: str, folder: Path, **settings: Any) -> None:
        self.app = create_app(Settings(data_dir=folder, redis_url=SecretStr(redis_url), **settings))
        found: Services = self.app.extensions[EXTENSION]
        self.storage, self.registry, self.jobs = found.storage, found.registry, found.jobs
        self.redis = found.redis
        self.units = UnitStore(self.redis)
        self.schedules = ScheduleStore(self.redis, self.storage)

    def publish(
        self,
        name: str = "shapes",
        version: int = 1,
        labels: Sequence[str] = LABELS,
        *,
        serve: bool = True,
        **differing: Any,
    ) -> None:
        """Publishes and serves a version with a sample of each class; `differing` are fields of its manifest."""
        rng = np.random.default_rng(version)
        names = {label: f"sample-{index}.webp" for index, label in enumerate(labels)}
        side = SplitMetrics(accuracy=0.985, loss=0.05, count=400)
        manifest = toy_manifest(name, version, tuple(labels)).model_copy(
            update={
                "created_at": datetime.now(UTC),
                "recipe": name,
                "metrics": Metrics(train=side, validation=side, test=side),
                "samples": [Sample(file=file, label=label) for label, file in names.items()],
                "per_class": [
                    ClassMetrics(label=label, precision=0.99, recall=max(0.0, 1 - 0.01 * index), f1=0.985, support=100)
                    for index, label in enumerate(labels)
                ],
            }
            | differing
        )
        pictures = {file: encode(".webp", plain_shape(LABELS[i % 4], rng)) for i, file in enumerate(names.values())}
        history = [{"epoch": epoch, "accuracy": 0.5, "val_accuracy": 0.4} for epoch in (1, 2)]
        self.registry.publish(manifest, {**pictures, "history.json": json.dumps(history).encode()})
        if serve:
            self.registry.promote(name, version)

    def dataset(self, name: str = "pets", version: str = "3f2a90b1c4d5", **differing: Any) -> None:
        """Puts a version of a dataset there as an import does, but for its pictures; `differing` is for its report."""
        report = toy_report(**differing)
        files = {
            "report.json": report.model_dump_json().encode(),
            "samples.webp": encode(".webp", photo(96, 64)),
            "balance.png": encode(".png", photo(64, 48)),
        }
        manifest = toy_dataset(name, version, report, files)
        for file, data in files.items():
            self.storage.write_bytes(f"datasets/{name}/{version}/{file}", data)
        self.storage.write_bytes(f"datasets/{name}/{version}/manifest.json", manifest.model_dump_json().encode())
        newest = Newest(
            version=version,
            imported_at=manifest.created_at,
            source=manifest.source,
            test_fraction=manifest.test_fraction,
            seed=manifest.seed,
        )
        self.storage.write_bytes(f"datasets/{name}/newest.json", newest.model_dump_json().encode())

    def importing(self, name: str = "pets", total: int = 100) -> str:
        """Creates a waiting import and returns its id."""
        spec = {"name": name, "source": {"type": "directory", "path": name}, "test_fraction": 0.2, "seed": 0}
        return self._create(Kind.IMPORT, Queue.TRAIN, [NewUnit({})], spec, total=total)

    def model_import(self, path: str) -> str:
        """Creates a waiting import of a model and returns its id."""
        dataset = {"name": "shapes", "version": "0123456789ab"}
        spec = {"path": path, "model": {"name": "shapes"}, "dataset": dataset}
        return self._create(Kind.IMPORT, Queue.TRAIN, [NewUnit({})], spec, total=0)

    def single(self, **asked: str) -> str:
        """Creates a waiting job of one picture and returns its id."""
        unit = NewUnit({"item": asked or {"url": "http://example.org/star.png"}})
        spec = {"model": {"name": "shapes", "version": None}, "top_k": 5, "threshold": 0.6}
        return self._create(Kind.CLASSIFICATION, Queue.CLASSIFY, [unit], spec, single=True)

    def listing(self, total: int) -> str:
        """Creates a waiting list of one chunk and returns its id."""
        spec = {"model": SHAPES, "top_k": 5, "threshold": 0.6}
        unit = NewUnit({"input": "none", "base": 0}, first=0, count=total)
        return self._create(Kind.CLASSIFICATION, Queue.BATCH, [unit], spec, total=total)

    def training(self) -> str:
        """Creates a waiting training and returns its id."""
        spec = {"dataset": {"name": "shapes"}, "recipe": "shapes", "model": {"name": "shapes"}}
        return self._create(Kind.TRAINING, Queue.TRAIN, [NewUnit({})], spec, total=0)

    def start(self, job_id: str, progress: Mapping[str, Any] | None = None) -> None:
        """Claims a job's only unit and says how far it is."""
        assert self.units.claim(f"{job_id}:0", "token") is not None
        if progress:
            assert self.units.progress(f"{job_id}:0", 1, dict(progress))

    def finish(self, job_id: str, outcome: Outcome) -> Job:
        """Ends a job's only unit, which has been started."""
        assert self.units.finish(f"{job_id}:0", 1, outcome)
        return self.jobs.get(job_id)

    def answer(self, job_id: str, scores: Mapping[str, float], picture: bytes = b"") -> Job:
        """Ends a single job as a worker does."""
        if picture:
            self.storage.write_bytes(files.single_image_path(job_id), picture)
        self.start(job_id)
        return self.finish(job_id, items.single_outcome(self.item(job_id, scores)))

    def item(self, job_id: str, scores: Mapping[str, float], **asked: Any) -> Json:
        """Returns the item of a classified picture."""
        return items.succeeded(
            ItemInput(**(asked or {"url": "http://example.org/star.png"})),
            predictions=[Prediction(label, score) for label, score in scores.items()],
            model=SHAPES,
            timings={"fetch_ms": 84.2, "decode_ms": 1.3, "predict_ms": 0.4},
            threshold=self.jobs.get(job_id).spec["threshold"],
        )

    def finish_list(self, job_id: str, outcomes: Sequence[Json]) -> Job:
        """Ends a list with these items."""
        path = files.results_path(job_id, 0, 1)
        self.storage.write_bytes(path, "".join(json.dumps(item) + "\n" for item in outcomes).encode())
        self.start(job_id)
        return self.finish(job_id, items.chunk_outcome(outcomes, path))

    def finish_training(self, job_id: str, version: int = 1, **differing: Any) -> Job:
        """Ends a training that has been started, with a version that answers; `differing` is for its result."""
        side = {"accuracy": 0.985, "loss": 0.05, "count": 400}
        metrics = {"train": side, "validation": side, "test": side}
        model = {"name": "shapes", "version": version}
        result = {"model": model, "metrics": metrics, "fit": "good", "promoted": True, "reason": "first version"}
        return self.finish(job_id, Outcome(status=Status.SUCCEEDED, result=result | differing))

    def finish_import(self, job_id: str, name: str, version: str, *, created: bool = True, **differing: Any) -> Job:
        """Ends an import that has been started; `differing` is for its report."""
        report = toy_report(**differing).model_dump(mode="json")
        result = {"dataset": {"name": name, "version": version}, "created": created, "report": report}
        return self.finish(job_id, Outcome(status=Status.SUCCEEDED, result=result))

    def _create(
        self, kind: Kind, queue: Queue, units: Sequence[NewUnit], spec: Json, *, single: bool = False, total: int = 1
    ) -> str:
        new = NewJob(id=ids.new_id(), kind=kind, queue=queue, units=units, spec=spec, single=single, total=total)
        return self.jobs.create(new).job.id
