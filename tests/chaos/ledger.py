"""What went in: the client's own book of what Loupe accepted, kept outside of Loupe."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Sort(StrEnum):
    """What was asked for."""

    SINGLE = "single"
    LIST = "list"
    TRAINING = "training"


@dataclass(frozen=True)
class Accepted:
    """A request that Loupe answered with a job.

    Attributes:
        asked_at: when it was first sent, in seconds since 1970.
        at: when the answer came; of a request that waits for its job's end, then.
        urls: of its items, in order; each URL is asked for once in a run.
        model: what a training makes a version of.
    """

    job_id: str
    sort: Sort
    asked_at: float
    at: float
    urls: Sequence[str] = ()
    model: str = ""


@dataclass
class Ledger:
    """Everything that was accepted. Threads write into it side by side.

    Attributes:
        seen: jobs that Loupe said had ended, as they were then.
        troubles: answers that no fault excuses.
        given_up: what was asked for and never answered in time; Loupe may have it or not.
    """

    accepted: list[Accepted] = field(default_factory=list)
    seen: dict[str, Json] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    given_up: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def accept(self, entry: Accepted, job: Json) -> None:
        """Notes an accepted request, and the job's end if that came with the answer."""
        with self._lock:
            self.accepted.append(entry)
            if job["status"] in {"succeeded", "failed", "canceled"}:
                self.seen[entry.job_id] = job

    def give_up(self, asked: Sequence[str], trouble: str) -> None:
        """Notes a request that nobody answered, by its URLs."""
        self.complain(trouble)
        with self._lock:
            self.given_up.update(asked)

    def complain(self, trouble: str) -> None:
        """Notes an answer that should not have come."""
        with self._lock:
            self.troubles.append(trouble)

    def count(self, sort: Sort) -> int:
        """Returns how many requests of a sort were accepted."""
        return sum(entry.sort is sort for entry in list(self.accepted))
