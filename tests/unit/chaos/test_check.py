"""The checker of `make chaos` finds what it is there to find, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.check import Finding, Outcome, Wrong, check, started_twice
from tests.chaos.harm import Fault, Harm, Log, Start
from tests.chaos.ledger import Accepted, Ledger, Sort

Json = dict[str, Any]

URLS = ["http://host/star.png?1", "http://host/circle.png?2"]
LABELS = {"http://host/star.png": "star", "http://host/circle.png": "circle"}
SINGLE = Accepted("one", Sort.SINGLE, 99.0, 110.0, URLS[:1])
LIST = Accepted("many", Sort.LIST, 99.0, 110.0, URLS)
TRAINING = Accepted("learn", Sort.TRAINING, 99.0, 110.0, model="pets")


def item(index: int = 0, **changes: Any) -> Json:
    label = ("star", "circle")[index]
    return {"index": index, "url": URLS[index], "status": "succeeded", "label": label, "error": None, **changes}


def single(**changes: Any) -> Json:
    progress = {"done": 1, "failed": 0, "total": 1}
    job = {"kind": "classification", "status": "succeeded", "progress": progress, "result": item(), "error": None}
    return {**job, **changes}


def listed(**changes: Any) -> Json:
    progress = {"done": 2, "failed": 0, "total": 2}
    return single(progress=progress, result={"labels": {"star": 1, "circle": 1}}, **changes)


def trained(**changes: Any) -> Json:
    return {"kind": "training", "status": "succeeded", "result": {}, "error": None, **changes}


def failed(code: str) -> Json:
    return single(
        status="failed",
        progress={"done": 1, "failed": 1, "total": 1},
        result=None,
        error={"code": code, "message": "so it is"},
    )


def found(
    entry: Accepted,
    jobs: Json,
    items: list[Json] | None = None,
    versions: list[int] | None = None,
    log: Log | None = None,
) -> list[Wrong]:
    """Returns what is wrong with one accepted request."""
    outcome = Outcome(jobs, {"many": items or []}, {"pets": versions or []})
    return [finding.wrong for finding in check(Ledger([entry]), outcome, log or Log(), LABELS)]


def test_nothing_is_wrong_with_what_came_out_as_it_went_in() -> None:
    assert found(SINGLE, {"one": single()}) == []
    assert found(LIST, {"many": listed()}, [item(0), item(1)]) == []
    assert found(TRAINING, {"learn": trained()}, versions=[1]) == []


@pytest.mark.parametrize("entry", [SINGLE, LIST, TRAINING])
def test_a_job_that_is_gone_or_never_ends_is_lost(entry: Accepted) -> None:
    assert found(entry, {}) == [Wrong.LOST]
    assert found(entry, {entry.job_id: single(status="running")}) == [Wrong.LOST]


@pytest.mark.parametrize(
    ("job", "wrong"),
    [
        (single(result=item(label="circle")), Wrong.UNTRUE),
        (single(result=item(url="http://host/star.png?9")), Wrong.INVENTED),
        (single(progress={"done": 2, "failed": 0, "total": 1}), Wrong.UNTRUE),
        (failed("fetch_timeout"), Wrong.UNTRUE),
    ],
)
def test_a_single_picture_s_wrong_answer_is_found(job: Json, wrong: Wrong) -> None:
    assert found(SINGLE, {"one": job}) == [wrong]


def test_worker_lost_is_the_truth_after_three_kills_only() -> None:
    kills = [Harm(Fault.KILL_SINGLE, 100.0 + n, pid=n, ended=100.0 + n) for n in range(3)]
    assert found(SINGLE, {"one": failed("worker_lost")}, log=Log(kills)) == []
    assert found(SINGLE, {"one": failed("worker_lost")}, log=Log(kills[:2])) == [Wrong.UNTRUE]
    training = {"learn": trained(status="failed", error={"code": "worker_lost"})}
    assert found(TRAINING, training, log=Log(kills)) == []
    assert found(TRAINING, training, log=Log(kills[:2])) == [Wrong.UNTRUE]


def test_each_item_of_a_list_has_one_outcome_and_the_counters_say_so() -> None:
    assert found(LIST, {"many": listed()}, [item(0)]) == [Wrong.LOST, Wrong.UNTRUE]
    assert found(LIST, {"many": listed()}, [item(0), item(1), item(1)]) == [Wrong.DOUBLED, Wrong.UNTRUE]
    assert found(LIST, {"many": listed()}, [item(0), item(1), {**item(1), "index": 2}]) == [
        Wrong.INVENTED,
        Wrong.UNTRUE,
    ]
    assert found(LIST, {"many": listed()}, [item(0), item(1, url=URLS[0])]) == [Wrong.INVENTED]


def test_a_training_makes_one_version() -> None:
    assert found(TRAINING, {"learn": trained()}, versions=[1, 2]) == [Wrong.DOUBLED]
    assert found(TRAINING, {"learn": trained()}) == [Wrong.LOST]
    assert found(TRAINING, {"learn": trained(status="failed", error={"code": "internal"})}) == [Wrong.UNTRUE]


def test_an_ended_job_never_changes() -> None:
    ledger = Ledger()
    ledger.accept(SINGLE, single(status="failed", result=None))
    outcome = Outcome({"one": single()}, {}, {})
    assert [finding.wrong for finding in check(ledger, outcome, Log(), LABELS)] == [Wrong.UNTRUE]


def test_a_job_that_nobody_was_told_of_is_doubled_or_invented() -> None:
    assert found(SINGLE, {"one": single(), "two": single()}) == [Wrong.DOUBLED]
    other = single(result=item(url="http://host/star.png?9"))
    assert found(SINGLE, {"one": single(), "two": other}) == [Wrong.INVENTED]


def test_a_job_that_the_client_gave_up_on_is_not_invented() -> None:
    ledger = Ledger()
    ledger.give_up(URLS[:1], "not accepted")
    outcome = Outcome({"one": single()}, {}, {})
    assert [finding.what for finding in check(ledger, outcome, Log(), LABELS)] == ["not accepted"]


def test_troubles_of_the_client_are_findings() -> None:
    assert check(Ledger(troubles=["500"]), Outcome({}, {}, {}), Log(), {}) == [Finding(Wrong.UNTRUE, "500")]


@pytest.mark.parametrize(
    ("harms", "count"),
    [
        ([], 1),
        ([Harm(Fault.KILL_SINGLE, 105.0, pid=7)], 0),
        ([Harm(Fault.KILL_SINGLE, 105.0, pid=8)], 1),
        ([Harm(Fault.FREEZE_SINGLE, 105.0, pid=7)], 1),
        ([Harm(Fault.KILL_SINGLE, 125.0, pid=7)], 1),
        ([Harm(Fault.KILL_REDIS, 105.0, pid=9)], 0),
        ([Harm(Fault.KILL_REDIS, 99.0, pid=9)], 1),
        ([Harm(Fault.STORAGE_AWAY, 95.0, ended=105.0)], 0),
        ([Harm(Fault.STORAGE_FULL, 80.0, ended=88.0)], 1),
        ([Harm(Fault.SLOW_REDIS, 95.0, ended=105.0)], 1),
    ],
)
def test_what_a_living_worker_had_may_not_start_again(harms: list[Harm], count: int) -> None:
    log = Log(harms, [Start(URLS[0], 120.0, 8), Start(URLS[0], 100.0, 7), Start(URLS[1], 100.0, 7)])
    assert len(started_twice(log)) == count
