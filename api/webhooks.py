"""Whether a webhook can be told, found out before anything is promised: by the same rules as the URL of a picture."""

from __future__ import annotations

from api.access.owner import check_owner
from api.services import Services
from shared.errors import DnsFailed, FetchTimeout, FieldError, ItemError, WebhookNotAllowed
from shared.fetch.deadline import Deadline
from shared.fetch.lookup import Lookup, system_lookup
from shared.fetch.target import parse_url
from shared.fetch.urls import HIDDEN, redact
from shared.fetch.way import Way
from shared.jobs.model import Job
from shared.jobs.webhooks import WebhookStore
from shared.schemas.webhook import WebhookRequest
from shared.settings import Settings

# A request does not wait longer for a name server; what it would have said is found out when the webhook is told.
LOOKUP_S = 2.0


class WebhookCheck:
    """Looks at the webhooks of requests. Thread-safe; one per process.

    Args:
        lookup: looks a host name up, blocking.
    """

    def __init__(self, settings: Settings, lookup: Lookup = system_lookup) -> None:
        self._signs = settings.webhook_secret is not None
        self._way = Way(settings.fetch_allow, lookup)

    def __call__(self, webhook: WebhookRequest | None) -> None:
        """Refuses a webhook that cannot be told. Each try is checked again: names move.

        Raises:
            WebhookNotAllowed: nothing signs it, or its URL leads where Loupe does not go.
        """
        if webhook is None:
            return
        if not self._signs:
            raise _refused("webhook", "Webhooks are signed; an operator has to set LOUPE_WEBHOOK_SECRET first.")
        try:
            target = parse_url(webhook.url)
            if target.credentials == HIDDEN.encode():
                raise _refused("webhook.url", f"`{HIDDEN}@` hides the credentials of an address. Give them again.")
            self._way.to(target, Deadline(LOOKUP_S))
        except (DnsFailed, FetchTimeout):
            return
        except ItemError as error:
            raise _refused("webhook.url", error.message) from None


def with_credentials(webhook: WebhookRequest | None, kept: WebhookRequest | None) -> WebhookRequest | None:
    """Returns a webhook with the credentials that were hidden when it was shown, if it is the one that is kept."""
    return kept if webhook and kept and webhook.url == redact(kept.url) else webhook


def tell_again(services: Services, job_id: str) -> Job:
    """Lets a job's webhook be told of its end once more, under the same id; returns the job.

    Raises:
        NoWebhook: it has none.
        JobNotFinished: it has not ended.
        JobNotFound, JobExpired: there is no such job.
        Forbidden: it is somebody else's.
    """
    job = services.jobs.get(job_id)
    check_owner(job)
    WebhookStore(services.redis).again(job_id)
    return job


def _refused(field: str, message: str) -> WebhookNotAllowed:
    return WebhookNotAllowed(message, (FieldError(field, message),))
