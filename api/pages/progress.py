"""How far a job has come, how fast it goes and how long it will take."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.format import about, number
from shared.jobs.model import Job, Status

# A spoken percentage changes in steps, so that a screen reader is told something each tenth and not each second.
SPOKEN_STEP = 10


@dataclass(frozen=True)
class Progress:
    """The numbers of a progress bar.

    Attributes:
        done: with an outcome, failed ones included.
        total: 0 while unknown.
        rate: done a second, None before anything is done.
        left_s: seconds to the end, None while unknown or when there is none.
    """

    done: int
    failed: int
    total: int
    rate: float | None
    left_s: float | None

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def succeeded(self) -> int:
        """Done and not failed."""
        return self.done - self.failed

    @property
    def good_width(self) -> float:
        """The bar's width of what went well, in percent."""
        return round(self.succeeded / self.total * 100, 2) if self.total else 0.0

    @property
    def failed_width(self) -> float:
        """The bar's width of what failed, in percent."""
        return round(self.failed / self.total * 100, 2) if self.total else 0.0

    @property
    def rate_words(self) -> str:
        """How fast it goes, with a digit behind the point where that says something; empty while unknown."""
        if not self.rate:
            return ""
        return f"{number(self.rate) if self.rate >= 10 else f'{self.rate:.1f}'} a second"

    @property
    def left_words(self) -> str:
        """How long it will take; empty while unknown."""
        return f"about {about(self.left_s)} left" if self.left_s is not None else ""

    @property
    def spoken(self) -> int:
        """Percent done, in steps."""
        return int(self.share * 100) // SPOKEN_STEP * SPOKEN_STEP


def progress_of(job: Job, now: float) -> Progress:
    """Returns a job's progress; `eta_s` of a training, which knows better, goes before what the rate says."""
    done, total = int(job.progress.get("done", 0)), int(job.progress.get("total", 0))
    running = job.status in {Status.RUNNING, Status.CANCELING}
    worked = max(1e-3, (job.finished_at or now) - job.started_at) if job.started_at else None
    rate = done / worked if worked and done else None
    left = (total - done) / rate if running and rate and total else None
    told = job.progress.get("eta_s")
    if running and told is not None:
        left = float(told)
    return Progress(done, int(job.progress.get("failed", 0)), total, rate, left)
