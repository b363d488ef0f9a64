"""What Redis knows of the work, as metrics: they belong to no process, and are as they are when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from shared.alive import ROLES
from shared.jobs.load import Load


def load_families(load: Load, roles: Iterable[str]) -> Iterator[Metric]:
    """Yields the metrics of the work there is.

    Args:
        roles: of the living processes, one each.
    """
    units = GaugeMetricFamily("loupe_queue_units", "Units that wait for a queue's workers", labels=["queue"])
    oldest = GaugeMetricFamily(
        "loupe_queue_oldest_seconds", "For how long the unit has waited that waits longest; 0: none", labels=["queue"]
    )
    for queue, waits in load.queues.items():
        units.add_metric([queue], waits.units)
        oldest.add_metric([queue], waits.oldest_s)
    jobs = GaugeMetricFamily("loupe_jobs", "Jobs that are stored", labels=["kind", "status"])
    for (kind, status), count in load.jobs.items():
        jobs.add_metric([kind, status], count)
    alive = Counter(roles)
    processes = GaugeMetricFamily("loupe_processes", "Living processes", labels=["role"])
    for role in ROLES:
        processes.add_metric([role], alive[role])
    yield from (units, oldest, jobs, processes)
    yield GaugeMetricFamily("loupe_units_leased", "Units that somebody works on", value=load.leased)
    yield GaugeMetricFamily("loupe_open_items", "Items without an outcome", value=load.open_items)
    yield CounterMetricFamily("loupe_leases_lost", "Leases whose unit was given to others", value=load.leases_lost)
    yield GaugeMetricFamily("loupe_redis_memory_bytes", "Memory that Redis uses", value=load.redis_bytes)
    yield GaugeMetricFamily(
        "loupe_redis_memory_limit_bytes", "Redis's maxmemory; 0: none is set", value=load.redis_limit_bytes
    )
