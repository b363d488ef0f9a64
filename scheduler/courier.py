"""One try to tell a webhook: what is sent, how it is signed, and what the answer means."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client import Counter
from pydantic import BaseModel
from standardwebhooks import Webhook

from shared.errors import FetchTimeout, Internal, ItemError, WebhookNotAllowed
from shared.fetch.fetcher import Fetcher
from shared.fetch.status import status_text
from shared.jobs.model import Json
from shared.jobs.record import job_of
from shared.jobs.webhooks import Event, Try
from shared.schemas.base import rfc3339
from shared.schemas.event import JobEvent, PromotionEvent
from shared.schemas.job import JobView
from shared.settings import Settings

log = logging.getLogger(__name__)

TRIES = Counter("loupe_webhook_tries_total", "Tries to tell a webhook, by error code or 'ok'", ["code"])

ANSWER_WITHIN_S = 10.0
# From the begin of a try to that of the next: at 0, 10 s, 1 min, 10 min and 1 h when nothing is late.
GAPS_S = (10.0, 50.0, 540.0, 3000.0)


@dataclass(frozen=True)
class _Answer:
    """What a try came to: the status if there was an answer, and the error if that was no success."""

    status: int | None = None
    error: Json | None = None


class Courier:
    """Tells events. Thread-safe.

    Args:
        secret: `whsec_…`; without one every try fails.
    """

    def __init__(self, fetcher: Fetcher, secret: str | None) -> None:
        self._fetcher = fetcher
        self._signer = Webhook(secret) if secret else None

    @classmethod
    def of(cls, settings: Settings) -> Courier:
        """Returns the courier of a process."""
        fetcher = Fetcher(allow=settings.fetch_allow, timeout_s=ANSWER_WITHIN_S)
        secret = settings.webhook_secret
        return cls(fetcher, secret.get_secret_value() if secret else None)

    def tell(self, event: Event) -> Try:
        """Tries once; whatever goes wrong is what the try came to."""
        at, began = time.time(), time.monotonic()
        answer = self._post(event)
        TRIES.labels(answer.error["code"] if answer.error else "ok").inc()
        done = answer.error is None or event.tried >= len(GAPS_S)
        return Try(
            event=event,
            at=at,
            duration_s=time.monotonic() - began,
            status=answer.status,
            error=answer.error,
            next_at=None if done else at + GAPS_S[event.tried],
        )

    def _post(self, event: Event) -> _Answer:
        try:
            body = body_of(event)
            return _judged(self._fetcher.post(event.url, body.encode(), self._headers(event, body)))
        except FetchTimeout as error:
            return _failed(error.code, f"The receiver did not answer within {ANSWER_WITHIN_S:g} s.")
        except (ItemError, WebhookNotAllowed) as error:
            return _failed(error.code, error.message)
        except Exception:
            # Counted like any other try: one that is never recorded would be made for ever.
            log.exception("%s could not be told", event.id)
            return _failed(Internal.code, "Something went wrong in Loupe; the scheduler's log says what.")

    def _headers(self, event: Event, body: str) -> dict[str, str]:
        if self._signer is None:
            raise WebhookNotAllowed("LOUPE_WEBHOOK_SECRET is not set any more, so nothing can be signed.")
        now = datetime.now(UTC)
        return {
            "Content-Type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(event.id, now, body),
        }


def body_of(event: Event) -> str:
    """Returns what is sent: the same in every try."""
    told = {"type": event.type, "timestamp": rfc3339(event.at)}
    said: BaseModel
    if event.type == "model.promoted":
        said = PromotionEvent.model_validate(told | {"data": json.loads(event.content)})
    else:
        said = JobEvent.model_validate(told | {"data": JobView.of(job_of(event.content))})
    # Pydantic's own text cannot hold half a surrogate pair, which a client's id may have in it.
    return json.dumps(said.model_dump(mode="json"))


def _judged(status: int) -> _Answer:
    if 200 <= status < 300:
        return _Answer(status)
    message = f"The receiver answered {status_text(status)}; expected 2xx."
    if 300 <= status < 400:
        message += " Redirects are not followed: give the address that it leads to."
    return _failed("http_status", message, status)


def _failed(code: str, message: str, status: int | None = None) -> _Answer:
    return _Answer(status, {"code": code, "message": message})
