"""The work of a training job's unit: train in a child process, publish, promote."""

from __future__ import annotations

from functools import partial
from typing import Any

from shared.datasets import DatasetStore
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Json
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage
from trainer.importing.run import run_import
from trainer.importing.spec import ImportSpec
from trainer.numbers import VersionNumbers
from trainer.training import TrainingSpec, run_training
from trainer.version_work import VersionWork

# While its dataset is imported a training has no steps to count.
IMPORTING: Json = {"phase": "importing", "done": 0, "failed": 0, "total": 0, "epoch": 0, "epochs": 0, "history": []}


class TrainingWork(VersionWork):
    """Runs the training of a claimed unit."""

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        registry: Registry,
        pointers: Pointers,
        units: UnitStore,
        numbers: VersionNumbers,
    ) -> None:
        super().__init__(registry, pointers, units, numbers)
        self._settings = settings
        self._datasets = DatasetStore(storage)

    def run(self, claim: Claim, lease: Lease) -> Json:
        """Returns the job's result: the version, its metrics, and whether it is served."""
        version = self._dataset_version(claim, lease)
        spec = self._spec(claim, version)
        self.doing = f"training {spec.model} v{spec.version}"
        on_event, wish = partial(self.hear, lease), partial(self.wish, claim, lease)
        result = run_training(spec, on_event=on_event, wish=wish).model_dump()
        return result | self.settled(claim, lease, self.registry.manifest(spec.model, spec.version))

    def _dataset_version(self, claim: Claim, lease: Lease) -> str:
        """Returns the version to train on: what was pinned, or for a job that brings its source, the newest.

        The first training brings its source: nobody imported anything yet.
        """
        asked = claim.spec["dataset"]
        pinned = asked.get("version") or claim.payload.get("dataset_version")
        if pinned is None:
            newest = self._datasets.newest(asked["name"])
            pinned = newest.version if newest else self._imported(claim, lease)
            self.note(claim, dataset_version=pinned)
        return str(pinned)

    def _imported(self, claim: Claim, lease: Lease) -> str:
        asked = claim.spec["dataset"]
        self.doing = f"importing {asked['name']}"
        spec = ImportSpec.of(self._settings, job_id=claim.job_id, name=asked["name"], source=asked["source"])
        found = run_import(spec, on_event=partial(self._hear_import, lease), wish=partial(self.wish, claim, lease))
        return str(found["dataset"]["version"])

    def _hear_import(self, lease: Lease, event: dict[str, Any]) -> None:
        if event["event"] == "progress":
            event = {"event": "progress", **IMPORTING, "pictures": event["done"]}
        self.hear(lease, event)

    def _spec(self, claim: Claim, dataset_version: str) -> TrainingSpec:
        asked = claim.spec
        optional = {name: asked[name] for name in ("params", "balance", "seed", "promote", "gate") if name in asked}
        return TrainingSpec(
            job_id=claim.job_id,
            model=asked["model"]["name"],
            version=self.number(claim),
            recipe=asked["recipe"],
            dataset={"name": asked["dataset"]["name"], "version": dataset_version},
            storage_url=self._settings.storage_url,
            cache_dir=self._settings.data_dir / "cache",
            import_dir=self._settings.import_dir,
            **optional,
        )
