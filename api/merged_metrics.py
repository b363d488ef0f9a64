"""One Prometheus text of the metrics of all processes, told apart by the label `process`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector


class _Families(Collector):
    """Families that are already there."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """Returns the families."""
        yield from self._families


def merge(texts: Iterable[tuple[str, str]], others: Iterable[Metric] = ()) -> bytes:
    """Returns the metrics of several processes as one Prometheus text.

    Args:
        texts: pairs of a process's id and its Prometheus text.
        others: metrics that are no process's own.
    """
    merged: dict[tuple[str, str], Metric] = {}
    for process, text in texts:
        for family in text_string_to_metric_families(text):
            whole = merged.setdefault(
                (family.name, family.type), Metric(family.name, family.documentation, family.type)
            )
            for sample in family.samples:
                whole.add_sample(
                    sample.name, {**sample.labels, "process": process}, sample.value, sample.timestamp, sample.exemplar
                )
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families([*others, *merged.values()]))
    return bytes(generate_latest(registry))
