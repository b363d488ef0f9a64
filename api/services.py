"""What every request handler works with, made once per process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app
from redis import Redis

from shared.jobs.model import Queue
from shared.jobs.store import JobStore
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage

if TYPE_CHECKING:
    from api.events import EventHub

EXTENSION = "loupe"
Enqueue = Callable[[Queue, Sequence[str]], None]


@dataclass(frozen=True)
class Services:
    """The API's view of the rest of Loupe.

    Attributes:
        enqueue: sends the ids of a job's units to their queue.
        events: wakes requests that wait for a job.
    """

    settings: Settings
    redis: Redis
    jobs: JobStore
    storage: Storage
    registry: Registry
    enqueue: Enqueue
    events: EventHub


def services() -> Services:
    """Returns the services of the app that handles this request."""
    found: Services = current_app.extensions[EXTENSION]
    return found
