"""The work of a unit that imports a model: import in a child process, publish, promote."""

from __future__ import annotations

from functools import partial

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Json
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.registry import Manifest, Registry
from shared.settings import Settings
from trainer.children.work import ChildWork
from trainer.model_import.run import run_model_import
from trainer.model_import.spec import ModelImportSpec
from trainer.numbers import VersionNumbers
from trainer.promotion import SETTLE_S, settle

ASKED = ("path", "labels", "input", "dataset", "promote", "gate")


class ModelImportWork(ChildWork):
    """Runs the import of a claimed unit."""

    def __init__(
        self, settings: Settings, registry: Registry, pointers: Pointers, units: UnitStore, numbers: VersionNumbers
    ) -> None:
        super().__init__(units)
        self._settings = settings
        self._registry = registry
        self._pointers = pointers
        self._numbers = numbers

    def run(self, claim: Claim, lease: Lease) -> Json:
        """Returns the job's result: the version, its metrics, and whether it is served."""
        spec = self._spec(claim)
        self.doing = f"importing {spec.model} v{spec.version}"
        on_event, wish = partial(self.hear, lease), partial(self.wish, claim, lease)
        manifest = run_model_import(self._registry, spec, on_event=on_event, wish=wish)
        self.spans.enter("promoting")
        with lease.waiting(SETTLE_S), self._pointers.moving(spec.model):
            return self._result(manifest)

    def failed(self, claim: Claim) -> None:
        """Gives the number back that no version got."""
        number, model = claim.payload.get("version"), claim.spec["model"]["name"]
        if number is not None and number not in self._registry.versions(model):
            self._numbers.give_back(model, number)

    def _spec(self, claim: Claim) -> ModelImportSpec:
        model = claim.spec["model"]["name"]
        if claim.payload.get("version") is None:
            # Kept in the unit, so that a later attempt makes the same version and not another.
            claim.payload["version"] = self._numbers.reserve(model)
            self.units.progress(claim.unit_id, claim.attempt, payload=claim.payload)
        return ModelImportSpec.model_validate(
            {
                **{name: claim.spec[name] for name in ASKED},
                "job_id": claim.job_id,
                "model": model,
                "version": claim.payload["version"],
                "storage_url": self._settings.storage_url,
                "import_dir": str(self._settings.import_dir),
            }
        )

    def _result(self, manifest: Manifest) -> Json:
        settled = settle(self._registry, manifest)
        return {
            "model": {"name": manifest.name, "version": manifest.version},
            "metrics": {"test": manifest.metrics.test.model_dump()},
            "promoted": settled.promoted,
            "reason": settled.reason,
            "gate": manifest.gate.model_dump() if manifest.gate else None,
        }
