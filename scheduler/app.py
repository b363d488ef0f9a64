"""The scheduler process: one small loop under a lease. A second one waits to take over."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from redis import Redis

from scheduler import promotions, purge, schedules, way_back, webhooks
from scheduler.bootstrap import Bootstrap
from scheduler.courier import Courier
from scheduler.leader import Leadership
from scheduler.promotions import Promotions
from scheduler.purge import Purge
from scheduler.repeat import attempt, repeat
from scheduler.schedules import Schedules
from scheduler.way_back import WayBack
from scheduler.webhooks import Webhooks
from shared.heartbeat import Heartbeat
from shared.jobs.lost import lost_outcome
from shared.jobs.reaper import EVERY_S, Reaper
from shared.jobs.store import JobStore
from shared.jobs.webhooks import WebhookStore
from shared.logs import setup_logging
from shared.pointers import Pointers
from shared.redis_client import connect
from shared.registry import Registry
from shared.schedules.runs import Runs
from shared.schedules.store import ScheduleStore
from shared.settings import Settings, SettingsError, load_settings
from shared.storage import Storage

log = logging.getLogger(__name__)

REDIS_TIMEOUT_S = 5.0


class Scheduler:
    """What the process does while it leads."""

    def __init__(self, settings: Settings, redis: Redis) -> None:
        storage = Storage(settings.storage_url)
        registry = Registry(storage)
        jobs = JobStore(redis, ttl_s=settings.result_ttl_s, max_queued_items=settings.max_queued_items)
        self._leadership = Leadership(redis)
        self._reaper = Reaper(redis, epitaph=lambda claim: lost_outcome(storage, claim))
        self._purge = Purge(redis, storage, keep_images=settings.keep_images, ttl_s=settings.result_ttl_s)
        pointers = Pointers(redis, registry, wait_s=REDIS_TIMEOUT_S)
        self._bootstrap = Bootstrap(redis, jobs, registry)
        self._way_back = WayBack(redis, registry, pointers)
        runs = Runs(settings, redis, storage, jobs, jobs.create)
        self._schedules = Schedules(ScheduleStore(redis, storage), runs)
        self._promotions = Promotions(redis, registry, pointers)
        self._webhooks = Webhooks(WebhookStore(redis), Courier.of(settings).tell)
        self.leads = False

    def round(self) -> None:
        """Reaps, if no other scheduler leads. It waits for Redis alone: what was lost is to run again soon."""
        self.leads = self._leadership.hold()
        if self.leads:
            self._reaper.round()

    def start(self) -> None:
        """Starts what has rounds of its own."""
        repeat("writing the ends of lost work", EVERY_S, lambda: self.leads, self._reaper.write_ends)
        repeat("looking at the registry", EVERY_S, lambda: self.leads, self._bootstrap.round)
        repeat("purging", purge.EVERY_S, lambda: self.leads, self._purge.round)
        repeat("looking at schedules", schedules.EVERY_S, lambda: self.leads, self._schedules.round)
        repeat("looking after served versions", way_back.EVERY_S, lambda: self.leads, self._way_back.round)
        repeat("looking for promotions", promotions.EVERY_S, lambda: self.leads, self._promotions.round)
        repeat("telling webhooks", webhooks.EVERY_S, lambda: self.leads, self._webhooks.round)


def main() -> None:
    """Runs the loop until SIGTERM. No error of a round ends it."""
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.exit(str(error))
    setup_logging("scheduler", settings.log_format)
    redis = connect(settings, timeout_s=REDIS_TIMEOUT_S)
    scheduler = Scheduler(settings, redis)
    scheduler.start()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Heartbeat(redis, "scheduler", lambda: ("leads" if scheduler.leads else "waits", [])).start()
    while not stop.is_set():
        attempt("a round", scheduler.round)
        stop.wait(EVERY_S)
