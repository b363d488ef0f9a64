"""The work of a unit that a child process does: an import, a training, the import of a model."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any

from redis.exceptions import RedisError

from shared.errors import LoupeError, StorageFull, StorageUnavailable
from shared.jobs.lease import Lease, LeaseLost
from shared.jobs.model import Claim, Json, Outcome, Status
from shared.jobs.units import UnitStore
from trainer.children.listen import ChildStopped, Event, Wish
from trainer.children.phase_spans import PhaseSpans

log = logging.getLogger(__name__)


class ChildWork(ABC):
    """Hands a lease's news to a child, and the child's news to the job's record.

    Attributes:
        doing: what it is at, in words, for `/readyz`.
        spans: of the phases that it goes through.
    """

    def __init__(self, units: UnitStore) -> None:
        self.units = units
        self.doing = "idle"
        self.spans = PhaseSpans()

    @abstractmethod
    def run(self, claim: Claim, lease: Lease) -> Json:
        """Does the work and returns the job's result.

        Raises:
            ChildStopped: it ended early, as it was told to.
            LoupeError: it failed; the message is for the user.
        """

    def failed(self, claim: Claim) -> None:  # noqa: B027 - most work has nothing to clear up.
        """Clears up after work that failed or was canceled for good."""

    def after(self, claim: Claim) -> None:  # noqa: B027 - likewise.
        """Does what is left once a result stands, and that nobody waits for."""

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Returns how the job ends.

        Raises:
            LeaseLost, JobCanceled, Stopping: the work is to stop; it has no result.
        """
        lease.check()
        try:
            result = self.run(claim, lease)
        except ChildStopped:
            if lease.state == "canceling":
                self.failed(claim)
            lease.check()
            raise
        except LoupeError as error:
            self.spans.end(error.code)
            if isinstance(error, StorageUnavailable) and not isinstance(error, StorageFull):
                # Tried again when storage is back. A full disk does not empty itself, and is the job's end.
                raise
            # A child that was killed because this process is to stop, or whose lease is gone, did not fail.
            lease.check()
            self.failed(claim)
            failure = {"code": error.code, "message": error.message}
            return Outcome(done=0, status=Status.FAILED, error=failure)
        finally:
            self.doing = "idle"
            self.spans.end()
        return Outcome(done=0, status=Status.SUCCEEDED, result=result, after=lambda _: self.after(claim))

    def hear(self, lease: Lease, event: Event) -> None:
        """Takes an event of the child."""
        if event["event"] == "waiting":
            lease.allow(event["seconds"])
            return
        lease.advance()
        self.spans.enter(str(event.get("phase", "")), int(event.get("epoch") or 0))
        self._tell(lease, {name: value for name, value in event.items() if name != "event"})

    def wish(self, claim: Claim, lease: Lease) -> Wish:
        """Returns what the child is to be told."""
        if lease.state == "held":
            return ""
        if lease.state != "canceling":
            return "stop"
        try:
            return "keep" if self.units.cancel_options(claim.job_id).get("keep") else "stop"
        except RedisError:
            # Asked again soon; stopping now could lose what is to be kept.
            return ""

    def note(self, claim: Claim, **notes: Any) -> None:
        """Notes in the unit what a later attempt has to know.

        Raises:
            LeaseLost: somebody else has the unit.
        """
        claim.payload.update(notes)
        if not self.units.progress(claim.unit_id, claim.attempt, payload=claim.payload):
            raise LeaseLost(claim.unit_id)

    def _tell(self, lease: Lease, progress: dict[str, Any]) -> None:
        try:
            self.units.progress(lease.unit_id, lease.attempt, progress)
        except RedisError as error:
            # The work goes on without a listener; its outcome is what has to arrive.
            log.warning("progress of unit %s is not written: %s", lease.unit_id, error)
