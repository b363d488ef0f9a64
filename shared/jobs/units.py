"""Units as workers see them: claim, renew, write, finish, give back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from redis import Redis

from shared.jobs import keys
from shared.jobs.model import LOSSES_ALLOWED, Claim, Json, Kind, Outcome, Queue
from shared.jobs.scripts import Scripts

# At most 15 s. A process that stands still for 10 s keeps its units; a killed one's run again within 20 s, end to end.
LEASE_S = 12.0


class Suspect(Exception):
    """Raised for a unit that was lost more often than whoever asked for it takes on.

    Attributes:
        losses: how often. Its last loss has to be its own, and none that another unit's end took along.
    """

    def __init__(self, unit_id: str, losses: int) -> None:
        super().__init__(unit_id)
        self.unit_id = unit_id
        self.losses = losses


class UnitStore:
    """The worker's half of the job record. Every write carries the attempt as its fencing token.

    All operations may be sent again after a time-out: a repeated one changes nothing.
    """

    def __init__(self, redis: Redis) -> None:
        # redis-py types every answer as bytes or text; this client decodes, so they are text.
        self._redis: Any = redis
        self._scripts = Scripts(redis)

    def claim(self, unit_id: str, token: str, *, losses: int = LOSSES_ALLOWED) -> Claim | None:
        """Claims a waiting unit; None when somebody holds it, it is closed, or its job is gone.

        Args:
            token: names this delivery, so that a claim sent twice is one claim.
            losses: how often it may have been lost before.

        Raises:
            Suspect: it was lost more often.
        """
        (found,) = self.claim_all([(unit_id, token)], losses=losses)
        if isinstance(found, Suspect):
            raise found
        return found

    def claim_all(self, units: Sequence[tuple[str, str]], *, losses: int) -> list[Claim | Suspect | None]:
        """Claims units, each given with a token, in one step. What `claim` would raise stands in a unit's place."""
        flat = [part for unit in units for part in unit]
        answers = self._scripts.run("claim", int(LEASE_S * 1000), losses, *flat)
        return [_claimed(unit_id, answer) for (unit_id, _), answer in zip(units, answers, strict=True)]

    def waits(self, unit_id: str) -> bool:
        """Tells whether a unit is still to be claimed."""
        return bool(self._redis.hget(keys.unit(unit_id), "state") == "queued")

    def renew(self, held: Sequence[tuple[str, int]]) -> list[str]:
        """Renews the leases of (unit id, attempt) pairs; answers `held`, `lost` or `canceling` for each."""
        flat = [part for pair in held for part in pair]
        return [str(answer) for answer in self._scripts.run("renew", int(LEASE_S * 1000), *flat)]

    def progress(self, unit_id: str, attempt: int, progress: Json | None = None, payload: Json | None = None) -> bool:
        """Writes how far a unit has come, and a payload for a later attempt; False when the lease is lost."""
        answer = self._scripts.run(
            "progress",
            unit_id,
            attempt,
            json.dumps(progress) if progress else "",
            json.dumps(payload) if payload else "",
        )
        return bool(answer == "recorded")

    def cancel_options(self, job_id: str) -> Json:
        """Returns what the request to cancel a job asked for besides; nothing for a job that is not canceled."""
        found: Json = json.loads(self._redis.hget(keys.job(job_id), "cancel") or "{}")
        return found

    def finish(self, unit_id: str, attempt: int, outcome: Outcome) -> bool:
        """Records a unit's outcome once and ends its job with its last unit; False when the lease was lost."""
        return self.finish_all([(unit_id, attempt, outcome)])[0][0]

    def finish_all(
        self, ended: Sequence[tuple[str, int, Outcome]], queue: Queue | None = None, most: int = 0
    ) -> tuple[list[bool], list[str]]:
        """Records the outcomes of units, each given with its attempt, and takes up to `most` messages, in one step.

        Returns:
            Whether each was recorded, and the ids of the units that were taken from the queue.
        """
        units = [(unit_id, attempt, json.dumps(_fields(outcome))) for unit_id, attempt, outcome in ended]
        flat = [part for unit in units for part in unit]
        states, taken = self._scripts.run("finish", queue or "", most, *flat)
        return [state == "recorded" for state in states], taken

    def release(self, unit_id: str, attempt: int) -> bool:
        """Gives a unit back to its queue without counting the attempt; False when it was lost, or its job canceled."""
        return bool(self._scripts.run("release", unit_id, attempt))


def _fields(outcome: Outcome) -> Json:
    """Leaves absent values out: Lua's JSON null is not nil."""
    fields: Json = {
        "done": outcome.done,
        "failed": outcome.failed,
        "labels": dict(outcome.labels),
        "errors": dict(outcome.errors),
        "below_threshold": outcome.below_threshold,
        "status": outcome.status,
        "result": json.dumps(outcome.result) if outcome.result is not None else None,
        "error": json.dumps(outcome.error) if outcome.error is not None else None,
        "results": outcome.results,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _claimed(unit_id: str, answer: Any) -> Claim | Suspect | None:
    if not answer:
        return None
    if isinstance(answer, str):
        return Suspect(unit_id, int(answer))
    attempt, payload, first, count, kind, spec, origin, losses = answer
    return Claim(
        unit_id=unit_id,
        job_id=unit_id.rpartition(":")[0],
        attempt=int(attempt),
        payload=json.loads(payload),
        first=int(first),
        count=int(count),
        kind=Kind(kind),
        spec=json.loads(spec),
        origin=json.loads(origin or "{}"),
        losses=int(losses),
    )
