"""What a worker counts of its units, and what its log lines know of them."""

from __future__ import annotations

import time

import pytest
from prometheus_client import REGISTRY

from shared.jobs import lease
from shared.jobs import runner as runner_module
from shared.jobs.model import Claim, Outcome, Status
from shared.jobs.runner import Runner
from shared.logs import bound, fields
from tests.support.unit_world import UnitWorld, epitaph

KIND = {"kind": "classification"}


def counted(outcome: str, reason: str = "") -> float:
    labels = KIND | {"outcome": outcome, "reason": reason}
    return REGISTRY.get_sample_value("loupe_units_total", labels) or 0.0


@pytest.mark.parametrize(
    ("outcome", "name", "reason"),
    [
        (Outcome(status=Status.SUCCEEDED), "succeeded", ""),
        (Outcome(status=Status.FAILED, error={"code": "http_status", "message": "404"}), "failed", "http_status"),
        (Outcome(done=3), "succeeded", ""),
        (Outcome(done=0), "canceled", ""),
    ],
)
def test_a_unit_counts_by_how_it_ended(world: UnitWorld, outcome: Outcome, name: str, reason: str) -> None:
    (unit,) = world.create(1)
    before = counted(name, reason)
    runs = REGISTRY.get_sample_value("loupe_unit_seconds_count", KIND) or 0

    Runner(world.units, crashed=epitaph).run(unit, lambda claim, held: outcome)

    assert counted(name, reason) == before + 1
    assert REGISTRY.get_sample_value("loupe_unit_seconds_count", KIND) == runs + 1
    if name == "succeeded":
        last = REGISTRY.get_sample_value("loupe_last_success_timestamp_seconds", KIND)
        assert last == pytest.approx(time.time(), abs=10)


@pytest.mark.parametrize(
    ("raised", "name", "reason"),
    [
        (lease.LeaseLost("job:0"), "lost", ""),
        (lease.Stopping("job:0"), "given_back", "stopping"),
        (ConnectionError("of Redis"), "failed", "worker_lost"),
    ],
)
def test_a_unit_that_was_let_go_counts_by_why(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch, raised: Exception, name: str, reason: str
) -> None:
    monkeypatch.setattr(runner_module, "OUTAGE_PAUSE_S", 0.01)
    (unit,) = world.create(1)
    before = counted(name, reason)

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        raise raised

    Runner(world.units, crashed=epitaph).run(unit, work)

    assert counted(name, reason) == before + 1


def test_the_log_lines_of_a_unit_know_the_request_that_asked_for_it(world: UnitWorld) -> None:
    with bound(request="r-1", job="another"):
        (unit,) = world.create(1)
    seen = []

    def work(claim: Claim, held: lease.Lease) -> Outcome:
        seen.append(dict(fields()))
        return Outcome(status=Status.SUCCEEDED)

    Runner(world.units, crashed=epitaph).run(unit, work)

    assert seen == [{"unit": unit, "job": unit.partition(":")[0], "attempt": 1, "request": "r-1"}]
    assert fields() == {}
