"""Alerts and dashboard: what they ask for is there, in Prometheus's own grammar, and documented."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml  # type: ignore[import-untyped] # it comes with openapi-spec-validator

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy" / "monitoring"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
ALERTS = yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((MONITORING / "grafana" / "dashboards" / "loupe.json").read_text("utf-8"))
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
# Every process has these; they are the library's own.
OF_PROMETHEUS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}

# Says the names of all samples and their labels, as a process that has imported everything would tell them.
ASK = """
import api.telemetry, scheduler.repeat, shared.jobs.metrics, worker.metrics
from api.load_metrics import load_families
from prometheus_client import REGISTRY
from shared.jobs.load import Load
load = Load({}, 0, 0, 0, {}, 0, 0)
for family in [*REGISTRY.collect(), *load_families(load, [])]:
    if family.name.startswith("loupe_"):
        print(family.name, family.type)
"""


@cache
def families() -> dict[str, str]:
    """Returns the type of each metric of ours by its name, without a counter's `_total`."""
    run = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(line.split() for line in run.stdout.splitlines())


def samples() -> Iterator[str]:
    """Yields the names that a query may use."""
    for name, kind in families().items():
        if kind == "histogram":
            yield from (f"{name}_{part}" for part in ("bucket", "sum", "count"))
        else:
            yield f"{name}_total" if kind == "counter" else name


def selectors(node: Any) -> Iterator[str]:
    """Yields the names of the metrics in a parsed query."""
    if isinstance(node, promql_parser.VectorSelector):
        yield str(node.name)
    for part in ("expr", "lhs", "rhs", "vector_selector", "args"):
        below = getattr(node, part, None)
        for child in below if isinstance(below, list) else [below] * (below is not None):
            yield from selectors(child)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_query_is_prometheus_s_and_asks_for_metrics_that_there_are(expression: str) -> None:
    asked = set(selectors(promql_parser.parse(expression)))
    assert asked
    assert asked <= {*samples(), *OF_PROMETHEUS}


def test_what_is_told_from_the_first_success_on_does_not_silence_an_alert_by_its_absence() -> None:
    (found,) = (rule["expr"] for rule in ALERTS if rule["alert"] == "LoupeNothingSucceeds")
    query = promql_parser.parse(found)
    last = "loupe_last_success_timestamp_seconds"

    # Only of what is `unless`ed may there be nothing.
    assert isinstance(query, promql_parser.BinaryExpr)
    assert str(query.op) == "unless"
    assert set(selectors(query.lhs)) == {"loupe_queue_oldest_seconds"}
    assert set(selectors(query.rhs)) == {last}


def test_the_manual_has_every_metric_with_its_type_and_no_other() -> None:
    documented = dict(re.findall(r"^\| `(loupe_\w+)`.*? \| (\w+) \|", OPERATIONS, re.MULTILINE))
    assert documented == {f"{name}_total" if kind == "counter" else name: kind for name, kind in families().items()}


def test_the_manual_has_a_section_for_every_alert_and_no_other() -> None:
    assert re.findall(r"^### (Loupe\w+)$", OPERATIONS, re.MULTILINE) == [rule["alert"] for rule in ALERTS]


def test_an_alert_says_how_bad_it_is_and_in_words_what_it_is() -> None:
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"]["summary"].endswith(".")


def test_what_is_mounted_where_is_what_the_files_say() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    mounts = dict(volume.split(":")[:2] for name in ("prometheus", "grafana") for volume in services[name]["volumes"])
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    assert mounts["./deploy/monitoring/alerts.yml"] == config["rule_files"][0]
    assert config["scrape_configs"][0]["static_configs"] == [{"targets": ["api:8000"]}]
    (provider,) = yaml.safe_load((MONITORING / "grafana/provisioning/dashboards/loupe.yml").read_text())["providers"]
    assert mounts["./deploy/monitoring/grafana/dashboards"] == provider["options"]["path"]
    (source,) = yaml.safe_load((MONITORING / "grafana/provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {source["uid"]}
