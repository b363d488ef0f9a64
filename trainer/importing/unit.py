"""The work of an import job's unit: a dataset imported in a child process."""

from __future__ import annotations

import logging
from functools import partial

from shared.errors import StorageUnavailable
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Json
from shared.jobs.units import UnitStore
from shared.schemas.source import UPLOADED
from shared.settings import Settings
from shared.storage import Storage
from trainer.children.work import ChildWork
from trainer.importing.run import run_import
from trainer.importing.spec import ImportSpec

log = logging.getLogger(__name__)


class ImportWork(ChildWork):
    """Runs the import of a claimed unit."""

    def __init__(self, settings: Settings, storage: Storage, units: UnitStore) -> None:
        super().__init__(units)
        self._settings = settings
        self._storage = storage

    def run(self, claim: Claim, lease: Lease) -> Json:
        """Returns the job's result: the version, whether it is new, and the report."""
        spec = ImportSpec.of(self._settings, job_id=claim.job_id, **claim.spec)
        self.doing = f"importing {spec.name}"
        return run_import(spec, on_event=partial(self.hear, lease), wish=partial(self.wish, claim, lease))

    def after(self, claim: Claim) -> None:
        """Removes what was uploaded: its pictures are in the dataset. In time it would go in any case."""
        source = claim.spec["source"]
        if source["type"] not in UPLOADED:
            return
        try:
            self._storage.delete(source["upload"])
        except StorageUnavailable as error:
            log.warning("could not remove an upload: %s", error)
