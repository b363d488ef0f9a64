"""The work of a training job's unit: train in a child process, publish, promote."""

from __future__ import annotations

import logging
from typing import Any

from redis.exceptions import RedisError

from shared.errors import LoupeError, StorageUnavailable
from shared.jobs.lease import Lease, LeaseLost
from shared.jobs.model import Claim, Outcome, Status
from shared.jobs.units import UnitStore
from shared.registry import Registry
from trainer.datasets.spec import DatasetSpec
from trainer.numbers import VersionNumbers
from trainer.training import TrainingResult, TrainingSpec, TrainingStopped, run_training

log = logging.getLogger(__name__)


class TrainingWork:
    """Runs the training of a claimed unit.

    Attributes:
        doing: what it is at, in words, for `/readyz`.
    """

    def __init__(self, storage_url: str, registry: Registry, units: UnitStore, numbers: VersionNumbers) -> None:
        self._storage_url = storage_url
        self._registry = registry
        self._units = units
        self._numbers = numbers
        self.doing = "idle"

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Returns how the job ends.

        Raises:
            LeaseLost, JobCanceled, Stopping: the work is to stop; nothing is published.
        """
        lease.check()
        try:
            spec = self._spec(claim)
            self.doing = f"training {spec.model} v{spec.version}"
            result = run_training(
                spec,
                on_event=lambda event: self._on_event(lease, event),
                should_stop=lambda: lease.state != "held",
            )
            lease.check()
            return self._published(result)
        except TrainingStopped:
            lease.check()
            raise
        except StorageUnavailable:
            raise
        except LoupeError as error:
            # A child that was killed because this process is to stop did not fail.
            lease.check()
            failure = {"code": error.code, "message": error.message}
            return Outcome(done=0, status=Status.FAILED, error=failure)
        finally:
            self.doing = "idle"

    def _spec(self, claim: Claim) -> TrainingSpec:
        asked = claim.spec
        model = asked["model"]["name"]
        version = claim.payload.get("version")
        if version is None:
            # Kept in the unit, so that a later attempt makes the same version and not another.
            version = self._numbers.reserve(model)
            if not self._units.progress(claim.unit_id, claim.attempt, payload={"version": version}):
                raise LeaseLost(claim.unit_id)
        return TrainingSpec(
            job_id=claim.job_id,
            model=model,
            version=version,
            recipe=asked["recipe"],
            dataset=DatasetSpec(**asked["dataset"]),
            params=asked["params"],
            seed=asked["seed"],
            storage_url=self._storage_url,
        )

    def _on_event(self, lease: Lease, event: dict[str, Any]) -> None:
        if event["event"] == "waiting":
            lease.allow(event["seconds"])
            return
        lease.advance()
        progress = {name: value for name, value in event.items() if name != "event"}
        try:
            self._units.progress(lease.unit_id, lease.attempt, progress)
        except RedisError as error:
            # The training goes on without a listener; its outcome is what has to arrive.
            log.warning("progress of unit %s is not written: %s", lease.unit_id, error)

    def _published(self, result: TrainingResult) -> Outcome:
        promoted, reason = self._promote(result.model.name, result.model.version)
        return Outcome(
            done=0,
            status=Status.SUCCEEDED,
            result=result.model_dump() | {"promoted": promoted, "reason": reason},
        )

    def _promote(self, name: str, version: int) -> tuple[bool, str]:
        served = self._registry.served(name)
        if served is not None and served.version != version:
            return False, f"Version {served.version} stays served."
        self._registry.promote(name, version)
        return True, f"Version {version} is the first of {name}, so it is served."
