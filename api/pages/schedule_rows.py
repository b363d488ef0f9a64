"""Schedules and their runs as pages list them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from api.pages.format import clipped
from api.schedules import as_of_now
from api.services import Services
from shared.schedules.record import Run, Schedule

# The words and the style of each outcome; the code stands beside them.
OUTCOMES = {
    "ran": ("ran", "good"),
    "caught_up": ("ran late", "good"),
    "skipped_overlap": ("skipped", "unsure"),
    "skipped_unchanged": ("nothing new", "plain"),
    "failed": ("failed", "failed"),
}
UNDER_WAY = ("running", "unsure")
MOST_SLOTS = 5
# What went wrong may be long; its job's page has all of it.
MOST_TEXT = 300
# A schedule that is due so soon is looked at again, so that its run is seen to begin.
SOON_S = 120


@dataclass(frozen=True)
class RunRow:
    """A run.

    Attributes:
        state: what became of it, in a word or two, and `kind` the style of that.
        import_href, job_href, version_href, dataset_href: pages of what it made; empty where it made none, or that
            is gone.
    """

    run: Run
    state: str
    kind: str
    detail: str
    import_href: str
    job_href: str
    version_href: str
    dataset_href: str

    @property
    def href(self) -> str:
        """The page that says most of it: the version, else the job it ended with."""
        return self.version_href or self.job_href or self.import_href

    @property
    def imported_nothing(self) -> bool:
        """Whether it trained on a dataset without importing that again."""
        return self.run.dataset is not None and self.run.added is None


@dataclass(frozen=True)
class ScheduleRow:
    """A schedule.

    Attributes:
        slots: the next times it is due, in seconds since 1970; none while it is paused.
        runs: newest first.
    """

    schedule: Schedule
    slots: Sequence[float]
    runs: Sequence[RunRow]

    @property
    def href(self) -> str:
        """Its page."""
        return f"/schedules/{self.schedule.name}"

    @property
    def last(self) -> RunRow | None:
        """Its newest run."""
        return self.runs[0] if self.runs else None

    def moving(self, now: float) -> bool:
        """Whether a run goes on or is about to begin."""
        return self.schedule.under_way is not None or (bool(self.slots) and self.slots[0] - now < SOON_S)


def schedule_row(services: Services, schedule: Schedule, now: float, most_runs: int | None = None) -> ScheduleRow:
    """Returns a schedule as it is now.

    Args:
        now: seconds since 1970.
        most_runs: how many runs are of interest; all of them if not given.
    """
    schedule = as_of_now(services, schedule)
    start = max(now, schedule.dealt_until)
    slots = [] if schedule.paused else list(islice(schedule.timetable.slots_after(start), MOST_SLOTS))
    return ScheduleRow(schedule, slots, _run_rows(services, schedule, schedule.runs[:most_runs]))


def _run_rows(services: Services, schedule: Schedule, runs: Sequence[Run]) -> list[RunRow]:
    """Links only to what is still there: jobs go after a while, versions and datasets may be deleted."""
    model = schedule.training.model
    jobs = services.jobs.there([job for run in runs for job in (run.import_job, run.job) if job])
    versions = services.registry.versions(model) if any(run.version for run in runs) else []
    return [
        RunRow(
            run,
            *(OUTCOMES[run.outcome] if run.outcome else UNDER_WAY),
            detail=clipped(run.detail or "", MOST_TEXT),
            import_href=f"/jobs/{run.import_job}" if run.import_job in jobs else "",
            job_href=f"/jobs/{run.job}" if run.job in jobs else "",
            version_href=f"/models/{model}/{run.version}" if run.version in versions else "",
            dataset_href=_dataset_href(run.dataset),
        )
        for run in runs
    ]


def _dataset_href(reference: str | None) -> str:
    name, _, version = (reference or "").partition("@")
    return f"/datasets/{name}?version={version}" if name else ""
