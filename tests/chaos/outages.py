"""`python -m tests.chaos.outages`: Redis goes away and comes back, many times, under clients that never stop asking."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests
from redis import Redis

from tests.chaos.faults import find
from tests.chaos.harm import percentile
from tests.chaos.outcome import jobs, wait_for_quiet
from tests.support import pictures
from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin, serve

ANSWERED_WITHIN_S = 2.0
WORKS_WITHIN_S = 10.0
# Of each client, so that a machine of two cores can follow.
PAUSE_S = 2.0
CALM_S = 3.0
QUIET_WITHIN_S = 120.0


@dataclass(frozen=True)
class Reply:
    """What a client got, and when it asked, in seconds of the monotonic clock."""

    asked: float
    seconds: float
    status: int
    right: bool
    job_id: str = ""


@dataclass
class Outages:
    """What a run came to.

    Attributes:
        periods: when each outage began and ended.
        works: seconds from each outage's end until a picture was classified again.
        restarted: how many of Loupe's processes were other ones afterwards.
        unended: accepted jobs that did not succeed.
    """

    periods: list[tuple[float, float]] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    works: list[float] = field(default_factory=list)
    restarted: int = 0
    unended: list[str] = field(default_factory=list)

    def during(self) -> list[Reply]:
        """Returns the replies to requests that were sent while Redis was away."""
        return [reply for reply in self.replies if any(begun <= reply.asked < end for begun, end in self.periods)]


def run(loupe: RunningLoupe, seconds: Sequence[float], clients: int) -> Outages:
    """Lets Redis be away for so many seconds each, in turn frozen and unreachable, under so many clients."""
    found, stop = Outages(), threading.Event()
    before, known = _pids(loupe), set(jobs(loupe))
    with Origin() as origin:
        origin.on("/a.png", serve(pictures.encode(".png", pictures.photo())))
        url = origin.url("/a.png")
        threads = [threading.Thread(target=_ask, args=(loupe, url, number, found, stop)) for number in range(clients)]
        for thread in threads:
            thread.start()
        try:
            for number, away_s in enumerate(seconds):
                time.sleep(CALM_S)
                begun = time.monotonic()
                (_freeze if number % 2 == 0 else _cut)(loupe, away_s)
                found.periods.append((begun, time.monotonic()))
                found.works.append(_works_again(loupe, url))
        finally:
            stop.set()
        for thread in threads:
            thread.join()
        wait_for_quiet(loupe, known, QUIET_WITHIN_S)
    succeeded = {job_id for job_id, job in jobs(loupe).items() if job["status"] == "succeeded"}
    found.unended = [reply.job_id for reply in found.replies if reply.job_id and reply.job_id not in succeeded]
    found.restarted = len(before - _pids(loupe))
    return found


def _ask(loupe: RunningLoupe, url: str, number: int, found: Outages, stop: threading.Event) -> None:
    stop.wait(PAUSE_S * random.random())
    while not stop.is_set():
        asked = time.monotonic()
        try:
            # On a connection of its own: a kept one may be closed just as it is used again.
            body = {"url": f"{url}?{number}-{asked}"}
            answer = loupe.post("/api/v1/classifications", json=body, timeout=30)
            accepted = answer.status_code == 202
            right = accepted or (answer.status_code == 503 and "Retry-After" in answer.headers)
            job_id = answer.json()["id"] if accepted else ""
            found.replies.append(Reply(asked, time.monotonic() - asked, answer.status_code, right=right, job_id=job_id))
        except requests.RequestException:
            found.replies.append(Reply(asked, time.monotonic() - asked, 0, right=False))
        stop.wait(PAUSE_S)


def _freeze(loupe: RunningLoupe, seconds: float) -> None:
    (server,) = find(loupe, "redis-server")
    server.suspend()
    time.sleep(seconds)
    server.resume()


def _cut(loupe: RunningLoupe, seconds: float) -> None:
    """Ends all connections and lets nobody connect."""
    path = loupe.data_dir / "run" / "redis.sock"
    away = path.with_suffix(".away")
    with Redis(unix_socket_path=str(path)) as client:
        client.ping()
        path.rename(away)
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    time.sleep(seconds)
    away.rename(path)


def _works_again(loupe: RunningLoupe, url: str) -> float:
    began = time.monotonic()
    while time.monotonic() - began < 60:
        try:
            answer = loupe.post(
                "/api/v1/classifications", json={"url": f"{url}?again-{began}"}, headers={"Prefer": "wait=10"}
            )
        except requests.RequestException:
            continue
        if answer.status_code == 200:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def _pids(loupe: RunningLoupe) -> set[int]:
    # The first training may be ending still.
    passing = {process.pid for process in find(loupe, "trainer.child")}
    return {process.pid for process in loupe.processes()} - passing


def told(found: Outages) -> str:
    """Returns the figures of a run."""
    during = found.during()
    statuses = Counter(reply.status for reply in during)
    slowest = sorted(reply.seconds for reply in during)
    away = [end - begun for begun, end in found.periods]
    return (
        f"{len(away)} outages of {min(away):.0f} to {max(away):.0f} s, {len(during)} requests meanwhile: "
        f"{dict(statuses)}, answered in {percentile(slowest, 0.5):.2f} s (median), {slowest[-1]:.2f} s at most; "
        f"work went on after {percentile(found.works, 0.5):.1f} s (median), {max(found.works):.1f} s at most; "
        f"{found.restarted} processes restarted; of {sum(bool(r.job_id) for r in found.replies)} accepted jobs "
        f"{len(found.unended)} did not succeed"
    )


def wrong(found: Outages, slack_s: float = 0.0) -> list[str]:
    """Returns what was not as promised.

    Args:
        slack_s: what a busy machine may add to a time.
    """
    during = found.during()
    late = [f"{r.status} after {r.seconds:.2f} s" for r in during if r.seconds > ANSWERED_WITHIN_S + slack_s]
    false = [f"answered {reply.status}" for reply in found.replies if not reply.right]
    slow = [f"worked after {s:.1f} s" for s in found.works if s > WORKS_WITHIN_S + slack_s]
    restarted = [f"{found.restarted} processes were started anew"] if found.restarted else []
    return [*late, *false, *slow, *restarted, *found.unended]


def main(argv: Sequence[str]) -> int:
    """Returns 0 if every promise held."""
    parser = argparse.ArgumentParser(prog="tests.chaos.outages", description=__doc__)
    parser.add_argument("--outages", type=int, default=20)
    parser.add_argument("--longest", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--keep", type=Path, help="where to leave Loupe's data and log")
    options = parser.parse_args(argv)
    # From 5 s on, more short ones than long ones.
    seconds = [5 * (options.longest / 5) ** (n / max(options.outages - 1, 1)) for n in range(options.outages)]
    with (
        tempfile.TemporaryDirectory(prefix="loupe-outages-") as folder,
        RunningLoupe((options.keep or Path(folder)) / "var", {"LOUPE_DEFAULT_MODEL": "shapes"}) as loupe,
    ):
        loupe.wait_ready(300)
        found = run(loupe, seconds, options.clients)
        findings = wrong(found)
        # Before Loupe stops, which may go wrong as well.
        sys.stdout.write("\n".join([told(found), *findings]) + "\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
