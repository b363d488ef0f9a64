"""Webhook events as their sender sees them: claim one, and say what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis import Redis

from shared.errors import JobNotFinished, JobNotFound, NoWebhook
from shared.fetch.target import parse_url
from shared.jobs import keys
from shared.jobs.model import Json
from shared.jobs.scripts import Scripts

# A sender has its answer after 10 s. One that died is followed by another one after this.
LEASE_S = 30.0
# Of a job that is told of many promotions the last tries are kept.
MOST_TRIES = 100


@dataclass(frozen=True)
class Event:
    """Something a webhook is to be told, claimed by one sender.

    Attributes:
        id: what the receiver knows it by; the same in every try.
        type: as in job.succeeded.
        at: when it happened, in seconds since 1970.
        host: whose line it waits in.
        tried: how many tries it has had.
        content: JSON: of a job's end its record, else what is told.
        token: names the claim.
    """

    id: str
    type: str
    at: float
    job_id: str
    url: str
    host: str
    tried: int
    content: str
    token: str


@dataclass(frozen=True)
class Promotion:
    """A promotion that a webhook is to be told of; otherwise as an event."""

    id: str
    at: float
    job_id: str
    url: str
    content: str


@dataclass(frozen=True)
class Try:
    """One try to tell an event. Times are seconds since 1970.

    Attributes:
        status: of the answer, if one came.
        error: why it failed, `{"code", "message"}`; None if it is told.
        next_at: when it is tried again; None if it is told, or was tried for the last time.
    """

    event: Event
    at: float
    duration_s: float
    status: int | None
    error: Json | None
    next_at: float | None

    def record(self) -> Json:
        """Returns what the job keeps of it."""
        return {
            "id": self.event.id,
            "type": self.event.type,
            "attempt": self.event.tried + 1,
            "at": self.at,
            "duration_ms": round(self.duration_s * 1000, 1),
            "status": self.status,
            "error": self.error,
            "next_attempt_at": self.next_at,
        }


def receiver(url: str) -> str:
    """Returns a webhook's receiver as scripts read it: its URL, and the host and port in whose line its events wait.

    Raises:
        ItemError: the URL cannot be read.
    """
    return json.dumps({"url": url, "host": parse_url(url).authority})


class WebhookStore:
    """The events that wait. All operations may be sent again after a time-out."""

    def __init__(self, redis: Redis, lease_s: float = LEASE_S) -> None:
        # redis-py types every answer as bytes or text; this client decodes, so they are text.
        self._redis: Any = redis
        self._scripts = Scripts(redis)
        self._lease_ms = int(lease_s * 1000)

    def claim(self, token: str, busy: Iterable[str] = ()) -> Event | None:
        """Claims the event that has been due for longest, None if there is none.

        Args:
            token: names this claim.
            busy: hosts that take no more now.
        """
        answer = self._scripts.run("webhook_claim", token, self._lease_ms, *busy)
        if not answer:
            return None
        event_id, flat = answer
        fields: dict[str, Any] = dict(zip(flat[::2], flat[1::2], strict=True))
        return Event(
            id=event_id,
            type=fields["type"],
            at=int(fields["at"]) / 1000,
            job_id=fields["job"],
            url=fields["url"],
            host=fields["host"],
            tried=int(fields["tried"]),
            content=fields["content"],
            token=fields["token"],
        )

    def tried(self, made: Try) -> bool:
        """Records a try, and lets the event wait for the next or forgets it; False when the claim ran out meanwhile."""
        wait = "" if made.next_at is None else max(0, int((made.next_at - made.at - made.duration_s) * 1000))
        record = json.dumps(made.record())
        return bool(self._scripts.run("webhook_tried", made.event.id, made.event.token, record, wait, MOST_TRIES))

    def promoted(self, model: str, noted: str, stamp: str, event: Promotion | None) -> bool:
        """Notes the newest promotion of a model, and lets a webhook be told of it, in one step.

        Args:
            noted: what was noted before, empty for nothing.
            stamp: what is noted now.
            event: None if nobody is to be told.

        Returns:
            Whether this was noted now; False if somebody else noted another promotion meanwhile.
        """
        told = (receiver(event.url), event.id, event.job_id, int(event.at * 1000), event.content) if event else ()
        return bool(self._scripts.run("promoted", model, noted, stamp, *told))

    def is_untried(self, job_id: str) -> bool:
        """Tells whether a job's end is yet to be told for the first time, or the first time again."""
        return bool(self._redis.hget(keys.event(f"msg_{job_id}"), "tried") == "0")

    def again(self, job_id: str) -> None:
        """Lets a job's webhook be told of its end once more, under the same id.

        Raises:
            NoWebhook: the job has none.
            JobNotFinished: it has not ended.
            JobNotFound: there is no such job.
        """
        answer = self._scripts.run("webhook_again", job_id)
        if answer == "none":
            raise NoWebhook(f"Job {job_id} was asked for without a webhook.")
        if answer == "running":
            raise JobNotFinished(f"Job {job_id} has not ended yet. Its webhook is told when it has.")
        if answer == "unknown":
            raise JobNotFound(f"There is no job {job_id!r}.")
