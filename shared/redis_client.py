"""The one way to a Redis client."""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import UnixDomainSocketConnection
from redis.retry import Retry

from shared.redis_url import redis_url
from shared.settings import Settings


class LocalConnection(UnixDomainSocketConnection):
    """A connection to the embedded Redis.

    When one cannot be made in time, redis-py counts that by host and port, which it asks a socket for in vain; the
    time-out became an AttributeError.
    """

    host, port = "localhost", 0


def connect(settings: Settings, *, timeout_s: float) -> Redis:
    """Returns a client that decodes answers to text and never tries twice by itself.

    Args:
        timeout_s: how long to wait for a connection, and for each answer. Who may try again, and for how long, is
            the caller's decision: a request has 1.5 s in all, a worker as long as its lease.
    """
    url = redis_url(settings)
    kind = {"connection_class": LocalConnection} if url.startswith("unix:") else {}
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        **kind,
    )
