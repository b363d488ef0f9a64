"""Runs units: claims them, keeps their leases, does the work, records outcomes. Tasks call this and nothing else."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, suppress
from functools import partial
from typing import TypeVar

from redis.exceptions import RedisError

from shared.errors import StorageUnavailable
from shared.jobs import metrics, tokens
from shared.jobs.gate import Gate, Turnstile
from shared.jobs.lease import GivenBack, JobCanceled, Lease, LeaseKeeper, LeaseLost, Stopping
from shared.jobs.model import LOSSES_ALLOWED, Claim, Outcome, Queue
from shared.jobs.origin import log_fields
from shared.jobs.running import Running
from shared.jobs.units import Suspect, UnitStore
from shared.logs import bound
from shared.tracing import Attributes, span

log = logging.getLogger(__name__)

Work = Callable[[Claim, Lease], Outcome]
Ended = tuple[Running, Outcome]
T = TypeVar("T")

# A claim is worth little patience: the unit still waits, and the reaper sends it again. An outcome is worth much.
CLAIM_PATIENCE_S = 20.0
FINISH_PATIENCE_S = 120.0
PAUSE_S = 0.5
# For how long one unit after the other may begin with nothing beside it, while all others wait.
ALONE_S = 2.0
# How long a unit is held before it is given back when storage or Redis is away, so that it does not spin.
OUTAGE_PAUSE_S = 5.0


class Taken(Exception):
    """Raised in the wait for a unit's turn that somebody else has run, or runs."""


class Runner:
    """Runs units for a process.

    Args:
        crashed: makes the outcome of a unit whose work raised something unforeseen.
    """

    def __init__(self, units: UnitStore, *, crashed: Callable[[Claim], Outcome]) -> None:
        self.units = units
        self.keeper = LeaseKeeper(units)
        self._gate = Gate()
        self._turnstile = Turnstile()
        self._crashed = crashed

    def run(self, unit_id: str, work: Work, queue: Queue | None = None) -> None:
        """Runs a unit, unless somebody else has it. Never raises for what the work does.

        Args:
            queue: where one that runs with nothing beside it takes the next from, which may have been lost with it.
        """
        while unit_id:
            unit_id = self._run(unit_id, work, queue)

    @property
    def can_begin(self) -> bool:
        """Whether units can begin beside each other: nobody is alone, and the process is not about to stop."""
        return self._gate.open and not self.keeper.stopping

    def begin(self, unit_ids: Sequence[str], *, patient: bool) -> tuple[list[Running], list[str]]:
        """Claims units that were never lost, for work in steps, beside each other. Each is to be closed in the end.

        Args:
            patient: waits while a unit runs that is to be alone; else all are left to `run`.

        Returns:
            Those that this process has now, and the ids of those that are `run`'s, which were lost and need more care.

        Raises:
            RuntimeError: the system has no thread left to renew their leases.
        """
        self.keeper.start()
        # They stay unclaimed until their turn comes, as in `run`.
        if not self._gate.enter(len(unit_ids), patient=patient):
            return [], list(unit_ids)
        begun: list[Running] = []
        lost: list[str] = []
        free = len(unit_ids)
        try:
            for one in self._claim_all(unit_ids):
                if isinstance(one, Suspect):
                    lost.append(one.unit_id)
                elif one:
                    # Its place is its own, whatever becomes of it.
                    free -= 1
                    begun.append(self._hold(one, self._gate.leave))
        except BaseException:
            for running in begun:
                running.close()
            raise
        finally:
            for _ in range(free):
                self._gate.leave()
        return begun, lost

    def step(self, running: Running, work: Callable[[Claim, Lease], T]) -> T | Outcome | None:
        """Does a step of a unit's work. Never raises for what the work does.

        Returns:
            What the work did; the outcome of work that went wrong; None of a unit that this process has no longer.
        """
        return running.inside(self._attempt, running.claim, running.lease, work)

    def finish(self, ended: Sequence[Ended], queue: Queue | None, most: int) -> tuple[list[Ended], list[str]]:
        """Records what units came to, and takes up to `most` others from a queue, in one step.

        Returns:
            Those whose outcomes stand, for `do_the_rest`, and the ids of the units that were taken.
        """
        for running, _ in ended:
            running.lease.finishing = True
            # The write may have to wait for Redis to come back; the lease is held meanwhile.
            running.enter(running.lease.waiting(FINISH_PATIENCE_S))
        outcomes = [(running.claim.unit_id, running.claim.attempt, outcome) for running, outcome in ended]
        finished = _insist(lambda: self.units.finish_all(outcomes, queue, most), FINISH_PATIENCE_S)
        recorded, taken = finished or ([False] * len(ended), [])
        for (running, outcome), stands in zip(ended, recorded, strict=True):
            running.inside(_note_end, running, outcome, stands=stands)
        return [one for one, stands in zip(ended, recorded, strict=True) if stands], taken

    def _hold(self, claim: Claim, on_close: Callable[[], None] = lambda: None) -> Running:
        running = Running(claim, on_close)
        named = bound(unit=claim.unit_id, job=claim.job_id, attempt=claim.attempt, **log_fields(claim.origin))
        try:
            running.enter(named)
            running.enter(_span(claim))
            running.lease = running.enter(self.keeper.keep(claim.unit_id, claim.attempt))
        except BaseException:
            running.close()
            raise
        return running

    def _run(self, unit_id: str, work: Work, queue: Queue | None) -> str:
        """Runs a unit; returns the next one's id, if one was taken."""
        with bound(unit=unit_id):
            # It stays unclaimed until its turn comes: whatever dies meanwhile does not take it along.
            for begin in (self._run_beside, self._run_slowly, partial(self._run_apart, queue=queue)):
                try:
                    return begin(unit_id, work)
                except Suspect:
                    continue
                except (Stopping, Taken):
                    break
        return ""

    def _run_beside(self, unit_id: str, work: Work) -> str:
        """Runs a unit that was never lost."""
        with self._gate.inside():
            return self._run_claimed(self._claim(unit_id, 0), work)

    def _run_slowly(self, unit_id: str, work: Work) -> str:
        """Runs a unit that was lost once. Few run at a time, so that few are lost with them if they are again."""
        with self._turnstile.turn(self._go_on), self._gate.inside():
            return self._run_claimed(self._claim(unit_id, LOSSES_ALLOWED - 2), work)

    def _run_apart(self, unit_id: str, work: Work, queue: Queue | None) -> str:
        """Runs a unit that was lost twice with nothing beside it, and those after it; returns the one that follows."""
        with self._gate.alone(partial(self._still_waits, unit_id)):
            # What was lost with it comes next, and letting all others in between takes as long again.
            until = time.monotonic() + ALONE_S
            while unit_id and time.monotonic() < until:
                with bound(unit=unit_id):
                    unit_id = self._run_claimed(self._claim(unit_id, LOSSES_ALLOWED), work, queue)
        return unit_id

    def _claim_all(self, unit_ids: Sequence[str]) -> list[Claim | Suspect | None]:
        units = [(unit_id, tokens.new()) for unit_id in unit_ids]
        return _insist(lambda: self.units.claim_all(units, losses=0), CLAIM_PATIENCE_S) or []

    def _claim(self, unit_id: str, losses: int) -> Claim | None:
        token = tokens.new()
        return _insist(lambda: self.units.claim(unit_id, token, losses=losses), CLAIM_PATIENCE_S)

    def _go_on(self) -> None:
        if self.keeper.stopping:
            raise Stopping

    def _still_waits(self, unit_id: str) -> None:
        """Ends the wait for a unit that somebody else has by now: meanwhile this process lets nobody in."""
        self._go_on()
        # While Redis is away, nobody else can take it.
        with suppress(RedisError):
            if not self.units.waits(unit_id):
                raise Taken

    def _run_claimed(self, claim: Claim | None, work: Work, queue: Queue | None = None) -> str:
        if claim is None:
            return ""
        with closing(self._hold(claim)) as running:
            outcome = self.step(running, work)
            if outcome is None:
                return ""
            more = queue is not None and not self.keeper.stopping
            stand, taken = self.finish([(running, outcome)], queue, int(more))
            do_the_rest(stand, others_wait=bool(taken))
        return taken[0] if taken else ""

    def _attempt(self, claim: Claim, lease: Lease, work: Callable[[Claim, Lease], T]) -> T | Outcome | None:
        try:
            return work(claim, lease)
        except LeaseLost:
            metrics.let_go(claim, "lost")
        except JobCanceled:
            return Outcome(done=0)
        except GivenBack as error:
            self._give_back(claim, error.reason)
        except (StorageUnavailable, RedisError) as error:
            # Nobody died: the unit is tried again when they are back, and it costs no attempt.
            log.warning("unit %s, attempt %d waits: %s", claim.unit_id, claim.attempt, error)
            with lease.idling(OUTAGE_PAUSE_S):
                time.sleep(OUTAGE_PAUSE_S)
            self._give_back(claim, "outage")
        except Exception:
            log.exception("unit %s, attempt %d failed unexpectedly", claim.unit_id, claim.attempt)
            return self._crash(claim)
        return None

    def _crash(self, claim: Claim) -> Outcome | None:
        try:
            return self._crashed(claim)
        except StorageUnavailable as error:
            log.warning("unit %s, attempt %d waits: %s", claim.unit_id, claim.attempt, error)
            self._give_back(claim, "outage")
            return None

    def _give_back(self, claim: Claim, reason: str) -> None:
        metrics.let_go(claim, "given_back", reason)
        _insist(lambda: self.units.release(claim.unit_id, claim.attempt), CLAIM_PATIENCE_S)


def _span(claim: Claim) -> AbstractContextManager[None]:
    attributes: Attributes = {
        "loupe.job.id": claim.job_id,
        "loupe.unit.id": claim.unit_id,
        "loupe.unit.attempt": claim.attempt,
        "loupe.items": claim.count,
    }
    return span(f"{claim.kind} unit", "consumer", claim.origin, attributes)


def do_the_rest(ended: Sequence[Ended], *, others_wait: bool) -> None:
    """Does what nobody waits for; the next units are taken already, whatever becomes of it."""
    for running, outcome in ended:
        try:
            running.inside(outcome.after, others_wait)
        except Exception:
            log.exception("unit %s: what was left to do failed; its outcome stands", running.claim.unit_id)


def _note_end(running: Running, outcome: Outcome, *, stands: bool) -> None:
    claim = running.claim
    if stands:
        metrics.recorded(claim, outcome, time.monotonic() - running.began)
    else:
        metrics.let_go(claim, "lost")
        log.warning("unit %s, attempt %d: the lease was lost, its outcome is dropped", claim.unit_id, claim.attempt)


def _insist(operation: Callable[[], T], patience_s: float) -> T | None:
    """Tries an operation that may be repeated until Redis answers; None when it never does."""
    give_up = time.monotonic() + patience_s
    while True:
        try:
            return operation()
        except RedisError as error:
            if time.monotonic() > give_up:
                log.error("gave up on Redis after %.0f s: %s", patience_s, error)  # noqa: TRY400
                return None
            time.sleep(PAUSE_S)
