"""The Celery app: Loupe's transport. It carries unit ids; the job record is Loupe's own (see shared/jobs)."""

from __future__ import annotations

from celery import Celery

from shared.jobs import keys
from shared.jobs.model import Queue
from shared.redis_url import broker_url
from shared.settings import Settings

SOCKET_TIMEOUT_S = 5.0


def make_celery(settings: Settings) -> Celery:
    """Returns a Celery app on Loupe's Redis, for a worker; messages are written by `shared/jobs/lua/lib.lua`."""
    app = Celery("loupe", broker=broker_url(settings), set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,
        task_serializer="json",
        accept_content=["json"],
        task_routes={queue.value: {"queue": queue.value} for queue in Queue},
        task_default_queue=Queue.CLASSIFY.value,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        # A worker that lost Redis keeps what it runs: its leases decide, not the connection.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_consumer="shared.celery_consumer:QuickConsumer",
        broker_transport_options={
            "global_keyprefix": keys.PREFIX,
            # Kombu would keep a copy of each message until it is acknowledged, at two transactions a message, and hand
            # it to somebody else after a while. The unit's record is the copy, and the reaper the somebody.
            "ack_emulation": False,
            "socket_timeout": SOCKET_TIMEOUT_S,
            "socket_connect_timeout": SOCKET_TIMEOUT_S,
            "retry_on_timeout": False,
        },
    )
    return app
