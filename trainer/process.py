"""Everything the trainer process holds. It never imports TensorFlow: its child processes do."""

from __future__ import annotations

from shared.consuming import Consuming
from shared.heartbeat import Heartbeat
from shared.jobs.lease import Lease
from shared.jobs.lost import crashed_outcome
from shared.jobs.model import Claim, Kind, Outcome, Queue
from shared.jobs.runner import Runner
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.redis_client import connect
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage
from shared.watchdog import Watchdog
from trainer.children.work import ChildWork
from trainer.importing.unit import ImportWork
from trainer.model_import.unit import ModelImportWork
from trainer.numbers import VersionNumbers
from trainer.work import TrainingWork

REDIS_TIMEOUT_S = 5.0
# Longer than anybody holds a pointer: a version is not to stay behind because somebody promoted another one.
POINTER_WAIT_S = 90.0


class TrainerProcess:
    """Runs one import or training at a time."""

    def __init__(self, settings: Settings, role: str) -> None:
        redis = connect(settings, timeout_s=REDIS_TIMEOUT_S)
        storage = Storage(settings.storage_url)
        registry = Registry(storage)
        units = UnitStore(redis)
        numbers = VersionNumbers(redis, registry)
        pointers = Pointers(redis, registry, wait_s=POINTER_WAIT_S)
        self._training = TrainingWork(settings, storage, registry, pointers, units, numbers)
        self._dataset = ImportWork(settings, storage, units)
        self._model = ModelImportWork(settings, registry, pointers, units, numbers)
        self.runner = Runner(units, crashed=lambda claim: crashed_outcome(storage, claim))
        self.watchdog = Watchdog([Consuming(redis, Queue.TRAIN, self.runner.keeper)])
        self._heartbeat = Heartbeat(redis, role, lambda: (self._doing(), []))

    def start(self) -> None:
        """Begins to say that it lives."""
        self._heartbeat.start()

    def work(self, claim: Claim, lease: Lease) -> Outcome:
        """Does what a unit's job is for."""
        return self._work_of(claim)(claim, lease)

    def _work_of(self, claim: Claim) -> ChildWork:
        if claim.kind is Kind.TRAINING:
            return self._training
        # A model trained elsewhere comes in by an import, too.
        return self._model if "model" in claim.spec else self._dataset

    def _doing(self) -> str:
        works = (self._training, self._dataset, self._model)
        return next((work.doing for work in works if work.doing != "idle"), "idle")
