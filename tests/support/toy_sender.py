"""A sender of webhooks in a process of its own, in a hurry.

Its arguments are the URL of a Redis and how long a claim lasts, in seconds.
"""

from __future__ import annotations

import sys
import time
from ipaddress import ip_network

from redis import Redis

from scheduler import courier
from scheduler.courier import Courier
from scheduler.repeat import attempt
from scheduler.webhooks import Webhooks
from shared.fetch.fetcher import Fetcher
from shared.jobs.webhooks import WebhookStore
from shared.logs import setup_logging
from tests.support.receiver import SECRET

EVERY_S = 0.02


def main(url: str, lease_s: str) -> None:
    """Runs until it is killed."""
    setup_logging("sender", "text")
    courier.GAPS_S = (0.1,) * 4
    redis = Redis.from_url(url, decode_responses=True, socket_timeout=2)
    fetcher = Fetcher(allow=[ip_network("127.0.0.0/8")], timeout_s=float(lease_s) / 3, per_host=8)
    webhooks = Webhooks(WebhookStore(redis, float(lease_s)), Courier(fetcher, SECRET).tell, per_host=8)
    while True:
        attempt("a round", webhooks.round)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
