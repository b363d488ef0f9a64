"""The one way to a Redis client."""

from __future__ import annotations

from typing import Any

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


class PlainRedis(Redis):
    """Sends a command and reads its answer, and does nothing around it.

    redis-py itself also tries again, which Loupe leaves to whoever knows for how long it is worth it, and times each
    command for metrics that nobody reads: half of what a command costs.
    """

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Sends a command. A connection that fails is closed, and the next one who needs it connects it again."""
        # redis-py leaves parts of itself untyped.
        connection: Any = self.connection_pool.get_connection()
        client: Any = super()
        try:
            connection.send_command(*args, **options)
            return client.parse_response(connection, args[0], **options)
        finally:
            self.connection_pool.release(connection)


def connect(settings: Settings, *, timeout_s: float) -> Redis:
    """Returns a client that decodes answers to text and never tries twice by itself.

    Args:
        timeout_s: how long to wait for a connection, and for each answer. Who may try again, and for how long, is
            the caller's decision: a request has 1.5 s in all, a worker as long as its lease.
    """
    url = redis_url(settings)
    kind = {"connection_class": LocalConnection} if url.startswith("unix:") else {}
    return PlainRedis.from_url(
        url,
        decode_responses=True,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
        **kind,
    )
