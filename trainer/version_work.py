"""The work of a unit that makes a version of a model: the version's number, and whether it is served at the end."""

from __future__ import annotations

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Json
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.registry import Manifest, Registry
from trainer.children.work import ChildWork
from trainer.numbers import VersionNumbers
from trainer.promotion import SETTLE_S, Settled, settle

CANCELED = Settled(False, "The job was canceled as its version was published.")


class VersionWork(ChildWork):
    """What a training and the import of a model have in common."""

    def __init__(self, registry: Registry, pointers: Pointers, units: UnitStore, numbers: VersionNumbers) -> None:
        super().__init__(units)
        self.registry = registry
        self._pointers = pointers
        self._numbers = numbers

    def failed(self, claim: Claim) -> None:
        """Gives the number back that no version got."""
        number, model = claim.payload.get("version"), claim.spec["model"]["name"]
        if number is not None and number not in self.registry.versions(model):
            self._numbers.give_back(model, number)

    def number(self, claim: Claim) -> int:
        """Returns the number of the version to make: the same one in each attempt.

        Raises:
            LeaseLost: somebody else has the unit.
        """
        if claim.payload.get("version") is None:
            self.note(claim, version=self._numbers.reserve(claim.spec["model"]["name"]))
        return int(claim.payload["version"])

    def settled(self, claim: Claim, lease: Lease, manifest: Manifest) -> Json:
        """Decides whether a version that was just published is served, and returns what the job's result says of it.

        Raises:
            LeaseLost: somebody else has the unit, and decides.
        """
        self.spans.enter("promoting")
        with lease.waiting(SETTLE_S), self._pointers.moving(manifest.name):
            # Looked at under the lock: the wait for it may be long, and what was settled since is not to be undone.
            self.note(claim)
            canceled = self.wish(claim, lease) == "stop" and lease.state == "canceling"
            settled = CANCELED if canceled else self._settled(claim, manifest)
        gate = manifest.gate.model_dump() if manifest.gate else None
        return {"promoted": settled.promoted, "reason": settled.reason, "gate": gate}

    def _settled(self, claim: Claim, manifest: Manifest) -> Settled:
        if claim.spec.get("webhook"):
            # Before it can be promoted: what tells of promotions looks here.
            self.registry.keep_webhook(manifest.name, manifest.version, claim.spec["webhook"])
        return settle(self.registry, manifest)
