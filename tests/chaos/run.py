"""One run: work and faults side by side, then the reckoning."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from tests.chaos import outcome as asking
from tests.chaos.check import Finding, Outcome, Wrong, check
from tests.chaos.client import Amount, Client
from tests.chaos.faults import Faults, find
from tests.chaos.harm import Fault, Log, recoveries
from tests.chaos.image_server import ImageServer
from tests.chaos.ledger import Ledger
from tests.support.loupe import RunningLoupe

# Whatever is slower than this did not recover.
LONGEST_RECOVERY_S = 60.0
QUIET_WITHIN_S = 300.0


@dataclass(frozen=True)
class Report:
    """What a run came to."""

    ledger: Ledger
    log: Log
    findings: Sequence[Finding]
    took: Mapping[Fault, Sequence[float]]


def run(loupe: RunningLoupe, seed: int, amount: Amount, faults: int, freeze_s: float = 10.0) -> Report:
    """Returns what came of so much work under so many faults.

    Args:
        loupe: ready, and quiet.
        seed: of the faults and their order; when each one hits is up to the machine.
    """
    log, ledger = Log(), Ledger()

    def workers() -> list[int]:
        return [process.pid for mark in ("single@", "list@") for process in find(loupe, mark)]

    with ImageServer(log, workers) as images:
        client = Client(loupe, images, ledger, seed)
        labels = learn(loupe, images)
        known = set(asking.jobs(loupe))
        log.starts.clear()
        harm = Faults(loupe, log, random.Random(seed), client.training_id, freeze_s)
        with ThreadPoolExecutor(1) as pool:
            doing = pool.submit(harm.run, faults, amount.seconds)
            client.run(amount)
        quiet = asking.wait_for_quiet(loupe, known, QUIET_WITHIN_S)
        found = asking.ask(loupe, ledger, known)
    findings = check(ledger, found, log, labels)
    if not quiet:
        findings.append(Finding(Wrong.LOST, f"some jobs had not ended {QUIET_WITHIN_S} s after the last fault"))
    if doing.exception():
        findings.append(Finding(Wrong.UNTRUE, f"the faults ended early: {doing.exception()!r}"))
    took = recoveries(log, [entry.at for entry in ledger.accepted], _ends(found))
    findings += [
        Finding(Wrong.SLOW, f"{fault}: recovered after {longest:.0f} s only")
        for fault, values in took.items()
        if (longest := max(values, default=0)) > LONGEST_RECOVERY_S
    ]
    return Report(ledger, log, findings, took)


def learn(loupe: RunningLoupe, images: ImageServer) -> dict[str, str]:
    """Returns what each picture is called while nothing is wrong, by its URL without the query."""
    labels = {}
    for number in range(1, 5):
        url = images.url(-number)
        job = loupe.classify(json={"url": url})
        assert job["status"] == "succeeded", job
        labels[url.partition("?")[0]] = job["result"]["label"]
    return labels


def _ends(found: Outcome) -> list[float]:
    ends = [job["finished_at"] for job in found.jobs.values() if job["single"] and job["finished_at"]]
    return [datetime.fromisoformat(end).timestamp() for end in ends]
