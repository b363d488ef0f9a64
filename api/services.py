"""What every request handler works with, made once per process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app
from redis import Redis

from api.model_choice import RecentChoices
from shared.jobs.store import JobStore
from shared.pointers import Pointers
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage

if TYPE_CHECKING:
    from api.access.keyring import Keyring
    from api.access.limits import Limits
    from api.events import EventHub
    from api.webhooks import WebhookCheck

EXTENSION = "loupe"


@dataclass(frozen=True)
class Services:
    """The API's view of the rest of Loupe.

    Attributes:
        pointers: moves the served pointers.
        recent_choices: the models that single pictures are for.
        events: wakes requests that wait for a job.
        check_webhook: refuses webhooks that cannot be told.
        keyring: the access keys; None where there are none and everybody may come.
        limits: how much a key may ask for.
    """

    settings: Settings
    redis: Redis
    jobs: JobStore
    storage: Storage
    registry: Registry
    pointers: Pointers
    recent_choices: RecentChoices
    events: EventHub
    check_webhook: WebhookCheck
    keyring: Keyring | None
    limits: Limits


def services() -> Services:
    """Returns the services of the app that handles this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
