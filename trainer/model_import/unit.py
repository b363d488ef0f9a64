"""The work of a unit that imports a model: import in a child process, publish, promote."""

from __future__ import annotations

from functools import partial

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Json
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.registry import Registry
from shared.settings import Settings
from trainer.model_import.run import run_model_import
from trainer.model_import.spec import ModelImportSpec
from trainer.numbers import VersionNumbers
from trainer.version_work import VersionWork

ASKED = ("path", "labels", "input", "dataset", "promote", "gate")


class ModelImportWork(VersionWork):
    """Runs the import of a claimed unit."""

    def __init__(
        self, settings: Settings, registry: Registry, pointers: Pointers, units: UnitStore, numbers: VersionNumbers
    ) -> None:
        super().__init__(registry, pointers, units, numbers)
        self._settings = settings

    def run(self, claim: Claim, lease: Lease) -> Json:
        """Returns the job's result: the version, its metrics, and whether it is served."""
        spec = self._spec(claim)
        self.doing = f"importing {spec.model} v{spec.version}"
        on_event, wish = partial(self.hear, lease), partial(self.wish, claim, lease)
        manifest = run_model_import(self.registry, spec, on_event=on_event, wish=wish)
        result = {
            "model": {"name": manifest.name, "version": manifest.version},
            "metrics": {"test": manifest.metrics.test.model_dump()},
        }
        return result | self.settled(claim, lease, manifest)

    def _spec(self, claim: Claim) -> ModelImportSpec:
        return ModelImportSpec.model_validate(
            {
                **{name: claim.spec[name] for name in ASKED},
                "job_id": claim.job_id,
                "model": claim.spec["model"]["name"],
                "version": self.number(claim),
                "storage_url": self._settings.storage_url,
                "import_dir": str(self._settings.import_dir),
            }
        )
