"""Celery's consumer, quicker to find Redis again."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer

# Celery waits 2, 4, 6 … 32 s between attempts. After a minute without Redis a worker would sit idle for half of one.
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 2.0


class QuickConsumer(Consumer):  # type: ignore[misc] # Celery has no types.
    """Tries to connect at least every two seconds."""

    def ensure_connected(self, conn: Any) -> Any:
        """Returns the connection once it is made."""
        conn.ensure_connection = partial(
            conn.ensure_connection, interval_start=FIRST_WAIT_S, interval_step=FIRST_WAIT_S, interval_max=LONGEST_WAIT_S
        )
        return super().ensure_connected(conn)
