"""What goes in must come out: compares the client's book with what Loupe says afterwards. No process, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from tests.chaos.harm import Log
from tests.chaos.ledger import Accepted, Ledger, Sort

Json = dict[str, Any]

FINAL = {"succeeded", "failed", "canceled"}
# A unit is given up at its third loss.
LOSSES = 3


class Wrong(StrEnum):
    """In which way a promise was broken."""

    LOST = "lost"
    DOUBLED = "doubled"
    INVENTED = "invented"
    UNTRUE = "untrue"
    SLOW = "slow"


@dataclass(frozen=True)
class Finding:
    """A broken promise, in words that help to find it.

    Attributes:
        at: when what it concerns was accepted or began, in seconds since 1970; None where that is not known.
    """

    wrong: Wrong
    what: str
    at: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What Loupe says when all is quiet again.

    Attributes:
        jobs: every job that it lists, by id.
        items: the results of lists, by the job's id.
        versions: of each trained model.
    """

    jobs: Mapping[str, Json]
    items: Mapping[str, Sequence[Json]]
    versions: Mapping[str, Sequence[int]]


def check(ledger: Ledger, outcome: Outcome, log: Log, labels: Mapping[str, str]) -> list[Finding]:
    """Returns everything that is not as it was promised.

    Args:
        labels: the right label of a picture by its URL without the query.
    """
    findings = [Finding(Wrong.UNTRUE, trouble) for trouble in ledger.troubles]
    for entry in ledger.accepted:
        findings += [replace(finding, at=entry.at) for finding in _entry(entry, outcome, log, labels)]
    findings += _changed(ledger, outcome)
    findings += _unknown(ledger, outcome)
    return findings + started_twice(log)


def started_twice(log: Log) -> list[Finding]:
    """Returns the units that were started again although the worker that had them lived.

    Two things excuse it: Redis was killed and lost its last second, or storage was away and the unit was given back.
    """
    findings = []
    for first, second in log.again():
        killed = log.killed_at(first.pid)
        dead = first.pid is None or (killed is not None and killed <= second.at)
        excused = log.redis_killed(first.at, second.at) or log.storage_away(first.at, second.at)
        if not dead and not excused:
            what = f"{first.url} was started by {first.pid}, which lived, and {second.at - first.at:.1f} s later again"
            findings.append(Finding(Wrong.DOUBLED, what, first.at))
    return findings


def _entry(entry: Accepted, outcome: Outcome, log: Log, labels: Mapping[str, str]) -> Iterator[Finding]:
    job = outcome.jobs.get(entry.job_id)
    if job is None:
        yield Finding(Wrong.LOST, f"the {entry.sort} {entry.job_id} was accepted and is not there")
    elif job["status"] not in FINAL:
        yield Finding(Wrong.LOST, f"the {entry.sort} {entry.job_id} has not ended: {job['status']}")
    elif entry.sort is Sort.TRAINING:
        yield from _training(entry, job, outcome, log)
    elif entry.sort is Sort.LIST:
        yield from _list(entry, job, outcome, log, labels)
    else:
        yield from _single(entry, job, log, labels)


def _single(entry: Accepted, job: Json, log: Log, labels: Mapping[str, str]) -> Iterator[Finding]:
    if job["progress"] != {"done": 1, "failed": int(job["status"] == "failed"), "total": 1}:
        yield Finding(Wrong.UNTRUE, f"the single {entry.job_id} counts {job['progress']}")
    item = job["result"] if job["status"] == "succeeded" else {"url": entry.urls[0], "error": job["error"]}
    yield from _item(entry, item, entry.urls[0], log, labels)


def _list(entry: Accepted, job: Json, outcome: Outcome, log: Log, labels: Mapping[str, str]) -> Iterator[Finding]:
    items = outcome.items.get(entry.job_id, ())
    indexes = Counter(item["index"] for item in items)
    for index, url in enumerate(entry.urls):
        if indexes[index] != 1:
            wrong = Wrong.DOUBLED if indexes[index] else Wrong.LOST
            yield Finding(wrong, f"{url} has {indexes[index]} outcomes in the list {entry.job_id}")
    for item in items:
        if item["index"] >= len(entry.urls):
            yield Finding(Wrong.INVENTED, f"item {item['index']} of the list {entry.job_id}")
        else:
            yield from _item(entry, item, entry.urls[item["index"]], log, labels)
    yield from _counters(entry, job, items)


def _counters(entry: Accepted, job: Json, items: Iterable[Json]) -> Iterator[Finding]:
    """Compares the job's counters with its results."""
    found = list(items)
    failed = sum(item["status"] == "failed" for item in found)
    counted = {"done": len(found), "failed": failed, "total": len(entry.urls)}
    told = Counter(item["label"] for item in found if item["status"] == "succeeded")
    progress = {name: job["progress"][name] for name in counted}
    if progress != counted or (job["result"] or {}).get("labels") != dict(told):
        what = f"the list {entry.job_id} counts {job['progress']}, {job['result']}; its results are {counted}, {told}"
        yield Finding(Wrong.UNTRUE, what)


def _item(entry: Accepted, item: Json, url: str, log: Log, labels: Mapping[str, str]) -> Iterator[Finding]:
    if item["url"] != url:
        yield Finding(Wrong.INVENTED, f"{item['url']} where {url} was asked for, in {entry.job_id}")
    elif item["error"]:
        lost = item["error"]["code"] == "worker_lost"
        if not lost or log.worker_kills(entry.asked_at, float("inf")) < LOSSES:
            yield Finding(Wrong.UNTRUE, f"{url} of {entry.job_id} failed: {item['error']}")
    elif item["label"] != labels[url.partition("?")[0]]:
        yield Finding(Wrong.UNTRUE, f"{url} of {entry.job_id} is called {item['label']}")


def _training(entry: Accepted, job: Json, outcome: Outcome, log: Log) -> Iterator[Finding]:
    made = list(outcome.versions.get(entry.model, ()))
    if job["status"] != "succeeded":
        if log.worker_kills(entry.asked_at, float("inf")) < LOSSES or made:
            yield Finding(Wrong.UNTRUE, f"the training of {entry.model} {job['status']}: {job['error']}, {made}")
    elif made != [1]:
        wrong = Wrong.DOUBLED if len(made) > 1 else Wrong.LOST
        yield Finding(wrong, f"the training of {entry.model} made the versions {made}")


def _changed(ledger: Ledger, outcome: Outcome) -> Iterator[Finding]:
    """An ended job never changes."""
    for job_id, seen in ledger.seen.items():
        now = outcome.jobs.get(job_id)
        if now is not None and (now["status"], now["result"]) != (seen["status"], seen["result"]):
            yield Finding(Wrong.UNTRUE, f"{job_id} had ended as {seen['status']} and is another now: {seen} {now}")


def _unknown(ledger: Ledger, outcome: Outcome) -> Iterator[Finding]:
    """Every request was sent until it was answered, so there is no job that the client does not know.

    But for one that it gave up on, which is a finding of its own.
    """
    known = {entry.job_id for entry in ledger.accepted}
    asked = {url for entry in ledger.accepted for url in entry.urls}
    for job_id, job in outcome.jobs.items():
        url = (job["result"] or {}).get("url")
        if job_id not in known and url not in ledger.given_up:
            wrong = Wrong.DOUBLED if url in asked else Wrong.INVENTED
            yield Finding(wrong, f"nobody was told of the {job['kind']} {job_id}")
