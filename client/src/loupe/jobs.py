"""Jobs: look at them, wait for them, read their results."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from typing import BinaryIO

from loupe.bodies import json_body
from loupe.errors import StillRunning
from loupe.pages import pages
from loupe.request import Request
from loupe.resource import LONGEST_WAIT_S, Resource, path, reader, start
from loupe.types import Item, Job

# How often somebody who watches sees how far it is.
LOOK_EVERY_S = 1
# No request for less: the rest of a wait may be milliseconds.
LEAST_WAIT_S = 1


def id_of(job: Job | str) -> str:
    """Returns a job's id."""
    return job.id if isinstance(job, Job) else job


class Jobs(Resource):
    """Jobs of the server, as `client.jobs`. A job is named by itself or its id."""

    def get(self, job: Job | str) -> Job:
        """Returns a job as it is now.

        Raises:
            NotFound: there is no such job, or no longer.
        """
        return self._get(path("jobs", id_of(job)), Job.read)

    def all(self, *, kind: str | None = None, status: str | None = None) -> Iterator[Job]:
        """Yields jobs, newest first, page by page as they are needed."""
        return pages(self._transport, path("jobs"), Job.read, {"kind": kind, "status": status}, limit=100)

    def wait(self, job: Job | str, timeout_s: float | None = None) -> Job:
        """Returns a job at its end, however it ended. A server that restarts meanwhile is waited for.

        Raises:
            StillRunning: it has not ended in time; it goes on.
        """
        return _last(self.follow(job, timeout_s, look_every_s=LONGEST_WAIT_S))

    def follow(
        self, job: Job | str, timeout_s: float | None = None, *, look_every_s: int = LOOK_EVERY_S
    ) -> Iterator[Job]:
        """Yields a job as it is now, then again and again, and a last time at its end.

        Args:
            look_every_s: how far apart these are, unless the end comes first.

        Raises:
            StillRunning: it has not ended in time; it goes on.
        """
        give_up = time.monotonic() + (math.inf if timeout_s is None else timeout_s)
        seen = self.get(job)
        while not seen.ended:
            yield seen
            left = min(look_every_s, give_up - time.monotonic())
            if left <= 0:
                raise StillRunning(f"Job {seen.id} is {seen.status} after {timeout_s} s, and goes on.", seen.id)
            seen = self._look(seen.id, max(LEAST_WAIT_S, int(left)))
        yield seen

    def results(
        self,
        job: Job | str,
        *,
        status: str | None = None,
        label: str | None = None,
        min_score: float | None = None,
    ) -> Iterator[Item]:
        """Yields the outcomes of a classification in input order, page by page as they are needed."""
        query = {"status": status, "label": label, "min_score": min_score}
        return pages(self._transport, path("jobs", id_of(job), "results"), Item.read, query)

    def download(self, job: Job | str, target: BinaryIO, form: str = "csv") -> None:
        """Writes the outcomes of a classification to a file.

        Args:
            target: a file that can be written again from its start, for a connection that breaks.
            form: csv or ndjson.
        """
        where = path("jobs", id_of(job), "results")
        self._transport.download(Request("GET", where, query={"format": form}), target)

    def cancel(self, job: Job | str, *, keep: bool = False) -> Job:
        """Asks a job to stop; `keep` publishes a training's best weights so far."""
        return self._post(path("jobs", id_of(job), "cancel"), Job.read, {"keep": True} if keep else {})

    def retry(self, job: Job | str) -> Job:
        """Returns a new job with the failed items of one that has ended."""
        return start(self._transport, path("jobs", id_of(job), "retry"), json_body({}))

    def delete(self, job: Job | str) -> None:
        """Forgets a job that has ended, with its pictures."""
        self._delete(path("jobs", id_of(job)))

    def _look(self, job_id: str, wait_s: int) -> Job:
        """Asks for a job; the answer comes at its end, or when the time is up."""
        asked = Request("GET", path("jobs", job_id), wait_s=wait_s)
        began = time.monotonic()
        seen = reader(Job.read)(self._transport.json(asked))
        if not seen.ended:
            # A server about to stop holds no answers, and an older one never did.
            time.sleep(max(0.0, LEAST_WAIT_S - (time.monotonic() - began)))
        return seen


def _last(jobs: Iterator[Job]) -> Job:
    *_, last = jobs
    return last
