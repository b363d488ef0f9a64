"""The work of an import job's unit: import a dataset in a child process."""

from __future__ import annotations

import logging

from shared.errors import LoupeError, StorageUnavailable
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Status
from shared.jobs.units import UnitStore
from shared.settings import Settings
from shared.storage import Storage
from trainer.children.leased import hear
from trainer.children.listen import ChildStopped
from trainer.importing.run import run_import
from trainer.importing.spec import ImportSpec

log = logging.getLogger(__name__)


class ImportWork:
    """Runs the import of a claimed unit.

    Attributes:
        doing: what it is at, in words, for `/readyz`.
    """

    def __init__(self, settings: Settings, storage: Storage, units: UnitStore) -> None:
        self._settings = settings
        self._storage = storage
        self._units = units
        self.doing = "idle"

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Returns how the job ends.

        Raises:
            LeaseLost, JobCanceled, Stopping: the work is to stop; no version was written.
        """
        lease.check()
        try:
            spec = ImportSpec.of(self._settings, job_id=claim.job_id, **claim.spec)
            self.doing = f"importing {spec.name}"
            result = run_import(
                spec,
                on_event=lambda event: hear(self._units, lease, event),
                wish=lambda: "" if lease.state == "held" else "stop",
            )
        except ChildStopped:
            lease.check()
            raise
        except LoupeError as error:
            failure = {"code": error.code, "message": error.message}
            return Outcome(done=0, status=Status.FAILED, error=failure)
        finally:
            self.doing = "idle"
        return Outcome(done=0, status=Status.SUCCEEDED, result=result, after=lambda: self._forget(spec))

    def _forget(self, spec: ImportSpec) -> None:
        """Removes an uploaded archive: its pictures are in the dataset. With its job it would go in any case."""
        if spec.source.type != "archive":
            return
        try:
            self._storage.delete(spec.source.upload)
        except StorageUnavailable as error:
            log.warning("could not remove an archive: %s", error)
