"""Fixtures of what the scheduler does."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from redis import Redis

from shared.fetch.fetcher import Fetcher
from tests.support.receiver import Receiver
from tests.support.webhook_world import WebhookWorld


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Listens on loopback."""
    with Receiver() as listening:
        yield listening


@pytest.fixture
def telling(redis: Redis) -> Iterator[WebhookWorld]:
    """Jobs with webhooks, and a sender that may reach loopback."""
    fetcher = Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=0.5, per_host=2)
    yield WebhookWorld(redis, fetcher)
    fetcher.close()
