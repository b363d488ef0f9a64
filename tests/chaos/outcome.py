"""Asks Loupe what came of it all, once it is quiet again."""

from __future__ import annotations

import time
from typing import Any

import requests

from tests.chaos.check import FINAL, Outcome
from tests.chaos.ledger import Json, Ledger, Sort
from tests.support.loupe import RunningLoupe


def wait_for_quiet(loupe: RunningLoupe, known: set[str], timeout_s: float) -> bool:
    """Waits until no job is open but those that were there before; says whether that came in time."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        pages = [_get(loupe, "/api/v1/jobs", status=status) for status in ("queued", "running")]
        if {job["id"] for page in pages for job in page["items"]} <= known:
            return True
        time.sleep(0.5)
    return False


def ask(loupe: RunningLoupe, ledger: Ledger, known: set[str]) -> Outcome:
    """Returns what Loupe says of all jobs but those that were there before."""
    found = {job_id: job for job_id, job in jobs(loupe).items() if job_id not in known}
    items = {
        entry.job_id: _pages(loupe, f"/api/v1/jobs/{entry.job_id}/results")
        for entry in ledger.accepted
        if entry.sort is Sort.LIST and found.get(entry.job_id, {}).get("status") in FINAL
    }
    models = [entry.model for entry in ledger.accepted if entry.sort is Sort.TRAINING]
    return Outcome(found, items, {model: _versions(loupe, model) for model in models})


def jobs(loupe: RunningLoupe) -> dict[str, Json]:
    """Returns all jobs, by id."""
    return {job["id"]: job for job in _pages(loupe, "/api/v1/jobs")}


def _versions(loupe: RunningLoupe, model: str) -> list[int]:
    answer = loupe.get(f"/api/v1/models/{model}")
    found: list[int] = answer.json()["versions"] if answer.status_code == 200 else []
    return found


def _pages(loupe: RunningLoupe, path: str) -> list[Json]:
    found: list[Json] = []
    cursor: str | None = None
    while True:
        page = _get(loupe, path, limit=1000, **({"cursor": cursor} if cursor else {}))
        found += page["items"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def _get(loupe: RunningLoupe, path: str, **query: Any) -> Json:
    """Asks until there is an answer: a process may still be starting again."""
    until = time.monotonic() + 60
    while True:
        try:
            answer = loupe.get(path, params=query)
            if answer.status_code == 200:
                found: Json = answer.json()
                return found
        except requests.RequestException:
            pass
        assert time.monotonic() < until, f"no answer to GET {path}"
        time.sleep(0.2)
