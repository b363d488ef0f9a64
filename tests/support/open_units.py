"""Single units that a process has under way, on a real Redis, whose steps wait when a test wants them to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Lock
from typing import cast

from redis import Redis

from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome, Queue, Status
from shared.jobs.runner import Runner
from tests.support.launched import wait_until
from tests.support.unit_world import UnitWorld, epitaph
from worker.open_units import OpenUnits
from worker.outcome import Ready
from worker.single import SingleWork

DONE = Outcome(status=Status.SUCCEEDED, result={})


class Steps:
    """Stands in for `SingleWork`: says what was done, and lets steps wait.

    Attributes:
        prepared: units that began.
        batches: how many were predicted at a time.
        host: called in the first step.
        model: called in the second one.
        after: called once the outcome stands, and told whether others are under way.
    """

    def __init__(
        self,
        host: Callable[[Lease], None] = lambda _: None,
        model: Callable[[], None] = lambda: None,
        after: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self.host = host
        self.model = model
        self.after = after
        self.prepared: list[str] = []
        self.batches: list[int] = []
        self._lock = Lock()

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        self.prepare(claim, lease)
        return DONE

    def prepare(self, claim: Claim, lease: Lease) -> Ready | Outcome:
        with self._lock:
            self.prepared.append(claim.unit_id)
        self.host(lease)
        # The second step asks nothing of it.
        return Ready(*[None] * 5)  # type: ignore[arg-type]

    def predict(self, batch: Sequence[tuple[Claim, Ready]]) -> list[Outcome]:
        if batch:
            self.batches.append(len(batch))
            self.model()
        return [Outcome(status=Status.SUCCEEDED, result={}, after=self.after) for _ in batch]


class Gate:
    """Lets nobody pass until it is open."""

    def __init__(self) -> None:
        self._open = Event()

    def __call__(self, lease: Lease | None = None) -> None:
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()

    def wait_idle(self, lease: Lease) -> None:
        """Waits as for a slow host."""
        with lease.idling(10):
            self()


class OpenWorld(UnitWorld):
    """Units and the processes that run them."""

    def __init__(self, redis: Redis) -> None:
        super().__init__(redis)
        self.runners: list[Runner] = []

    @property
    def busy(self) -> bool:
        return any(runner.keeper.busy for runner in self.runners)


def units_of(world: OpenWorld, steps: Steps) -> OpenUnits:
    runner = Runner(world.units, crashed=epitaph)
    world.runners.append(runner)
    return OpenUnits(runner, cast(SingleWork, steps), Queue.CLASSIFY)


def singles(world: OpenWorld, count: int) -> list[str]:
    return [world.create(1)[0] for _ in range(count)]


def status(world: OpenWorld, unit: str) -> Status:
    return world.jobs.get(unit.partition(":")[0]).status


def wait_done(world: OpenWorld, units: Sequence[str]) -> None:
    wait_until(lambda: all(status(world, unit) is Status.SUCCEEDED for unit in units), 10, "all are done")


def take_behind_the_first(world: OpenWorld, steps: Steps, units: Sequence[str]) -> None:
    """Takes units of which the first is predicted, for as long as `steps` has it, while the others come."""
    open_units = units_of(world, steps)
    open_units.take(units[0])
    wait_until(lambda: steps.batches == [1], 5, "the first is predicted")
    for unit in units[1:]:
        open_units.take(unit)
    wait_until(lambda: len(steps.prepared) == len(units), 5, "the others have come")
