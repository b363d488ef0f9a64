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
from trainer.children.work import ChildWork
from trainer.importing.run import run_import
from trainer.importing.spec import ImportSpec
from trainer.numbers import VersionNumbers
from trainer.promotion import SETTLE_S, settle
from trainer.training import TrainingSpec, run_training

# While its dataset is imported a training has no steps to count.
IMPORTING: Json = {"phase": "importing", "done": 0, "failed": 0, "total": 0, "epoch": 0, "epochs": 0, "history": []}


class TrainingWork(ChildWork):
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
        super().__init__(units)
        self._settings = settings
        self._datasets = DatasetStore(storage)
        self._registry = registry
        self._pointers = pointers
        self._numbers = numbers

    def run(self, claim: Claim, lease: Lease) -> Json:
        """Returns the job's result: the version, its metrics, and whether it is served."""
        version = self._dataset_version(claim, lease)
        spec = self._spec(claim, version)
        self.doing = f"training {spec.model} v{spec.version}"
        on_event, wish = partial(self.hear, lease), partial(self.wish, claim, lease)
        result = run_training(spec, on_event=on_event, wish=wish).model_dump()
        if wish() == "stop" and lease.state == "canceling":
            # The version was there before the child heard of it.
            return result | {"promoted": False, "reason": "The training was canceled as its version was published."}
        manifest = self._registry.manifest(spec.model, spec.version)
        if claim.spec.get("webhook"):
            # Before it can be promoted: what tells of promotions looks here.
            self._registry.keep_webhook(spec.model, spec.version, claim.spec["webhook"])
        self.spans.enter("promoting")
        with lease.waiting(SETTLE_S), self._pointers.moving(spec.model):
            settled = settle(self._registry, manifest)
        gate = manifest.gate.model_dump() if manifest.gate else None
        return result | {"promoted": settled.promoted, "reason": settled.reason, "gate": gate}

    def failed(self, claim: Claim) -> None:
        """Gives the number back that no version got."""
        number, model = claim.payload.get("version"), claim.spec["model"]["name"]
        if number is not None and number not in self._registry.versions(model):
            self._numbers.give_back(model, number)

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
        model = asked["model"]["name"]
        if claim.payload.get("version") is None:
            # Kept in the unit, so that a later attempt makes the same version and not another.
            self.note(claim, version=self._numbers.reserve(model))
        optional = {name: asked[name] for name in ("params", "balance", "seed", "promote", "gate") if name in asked}
        return TrainingSpec(
            job_id=claim.job_id,
            model=model,
            version=claim.payload["version"],
            recipe=asked["recipe"],
            dataset={"name": asked["dataset"]["name"], "version": dataset_version},
            storage_url=self._settings.storage_url,
            cache_dir=self._settings.data_dir / "cache",
            import_dir=self._settings.import_dir or self._settings.data_dir / "import",
            **optional,
        )
