"""How long recoveries took, and the table that says so."""

from __future__ import annotations

from tests.chaos.check import Finding, Wrong
from tests.chaos.harm import Fault, Harm, Log, Start, percentile, recoveries, slowest, undisturbed
from tests.chaos.ledger import Accepted, Ledger, Sort
from tests.chaos.table import table, totals, worst


def test_a_killed_worker_has_recovered_when_its_units_run_again() -> None:
    starts = [Start("a", 99.0, 7), Start("a", 114.0, 8), Start("b", 99.5, 7), Start("b", 115.0, 8), Start("c", 99.0, 7)]
    took = recoveries(Log([Harm(Fault.KILL_SINGLE, 100.0, 7, 100.0)], starts), [], [])
    assert took[Fault.KILL_SINGLE] == [14.0, 15.0]
    assert took[Fault.KILL_LIST] == []


def test_the_rest_has_recovered_when_it_accepts_ends_or_is_seen_to_work_again() -> None:
    harms = [
        Harm(Fault.KILL_API, 100.0, 7, 100.0),
        Harm(Fault.FREEZE_REDIS, 100.0, 8, 115.0),
        Harm(Fault.KILL_SCHEDULER, 100.0, 9, 100.0, recovered=104.0),
        Harm(Fault.KILL_CHILD, 100.0, 10, 100.0),
    ]
    took = recoveries(Log(harms), accepted=[99.0, 103.0, 110.0], finished=[114.0, 117.5])
    assert took[Fault.KILL_API] == [3.0]
    assert took[Fault.FREEZE_REDIS] == [2.5]
    assert took[Fault.KILL_SCHEDULER] == [4.0]
    assert took[Fault.KILL_CHILD] == []


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(20, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1.0)] == [10.0, 19.0, 20.0]
    assert percentile([3.0], 0.5) == 3.0


def test_the_table_counts_by_the_last_fault_before() -> None:
    harms = [Harm(Fault.KILL_API, 100.0, 7, 100.0), Harm(Fault.KILL_REDIS, 200.0, 8, 200.0)]
    entries = [Accepted(str(at), Sort.SINGLE, float(at), float(at)) for at in (90, 110, 120, 210)]
    ledger = Ledger([*entries, Accepted("list", Sort.LIST, 220.0, 220.0, ["a", "b"])])
    findings = [Finding(Wrong.LOST, "so", 120.0), Finding(Wrong.DOUBLED, "so")]
    lines = table(ledger, harms, findings, {fault: [1.25] if fault is Fault.KILL_API else [] for fault in Fault})
    assert [line.split() for line in lines.splitlines()] == [
        ["fault", "injected", "accepted", "lost", "doubled", "median", "s", "95th", "s", "longest", "s"],
        ["api", "killed", "1", "2", "1", "0", "1.2", "1.2", "1.2"],
        ["Redis", "killed", "1", "2", "0", "0", "-", "-", "-"],
        ["all", "2", "5", "1", "1"],
    ]
    assert totals(ledger, findings).splitlines() == [
        "accepted: 4 single jobs, 1 lists of 2 items, 0 trainings",
        "lost 1, doubled 1, invented 0, untrue 0, slow 0",
    ]


def test_a_recovery_that_another_fault_fell_into_is_told_apart() -> None:
    log = Log(
        harms=[
            Harm(Fault.KILL_SINGLE, 10, pid=1, ended=10),
            Harm(Fault.KILL_LIST, 12, pid=2, ended=12),
            Harm(Fault.KILL_SINGLE, 20, pid=3, ended=20),
            Harm(Fault.FREEZE_REDIS, 22, ended=37),
        ],
        starts=[
            Start("a", 9, 1),
            Start("a", 14, 3),
            Start("b", 11, 2),
            Start("b", 21, 4),
            Start("c", 19, 3),
            Start("c", 40, 5),
        ],
    )

    # Another worker for lists and one for singles are no part of each other's recovery; Redis is of both.
    assert undisturbed(log) == {Fault.KILL_LIST: [9], Fault.KILL_SINGLE: [4]}
    assert worst(slowest(log)).splitlines() == [
        "20.0 s: worker for singles killed; meanwhile Redis frozen for 15 s",
        "9.0 s: worker for lists killed; meanwhile nothing else",
        "4.0 s: worker for singles killed; meanwhile nothing else",
    ]
