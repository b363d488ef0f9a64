"""What is kept of a schedule: what it is to do, up to when its slots are dealt with, and its last runs."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field

from shared.jobs.model import Idempotency
from shared.registry.record import Record
from shared.schedules.timetable import Timetable
from shared.schemas.base import Name
from shared.schemas.training import TrainingRequest

Outcome = Literal["ran", "skipped_overlap", "skipped_unchanged", "caught_up", "failed"]

# Of a schedule that is due every minute this is most of an hour, of a weekly one a year.
MOST_RUNS = 50


class Run(Record):
    """One firing. Times are seconds since 1970.

    Attributes:
        due_at: the slot; None when somebody asked for the run.
        late: whether the slot went by while no scheduler was there.
        import_job, job: the jobs that import the dataset again and that train. A job's id is noted before the job is
            made, so that whoever goes on with the run makes the same one.
        dataset: what is trained on, as in pets@3f2a….
        added, removed: pictures since the version before.
        version: the model's version that came of it.
        promoted: whether that was served by it.
        idempotency: the key of the request that asked for the run, for its first job: whoever makes that.
        owner: the name of who asked for the run, to whom its jobs belong; None for a slot's, and without access keys.
        outcome: None while the run goes on.
    """

    at: float
    due_at: float | None = None
    late: bool = False
    import_job: str | None = None
    job: str | None = None
    dataset: str | None = None
    added: int | None = None
    removed: int | None = None
    version: int | None = None
    promoted: bool | None = None
    idempotency: Idempotency | None = None
    owner: str | None = None
    outcome: Outcome | None = None
    detail: str | None = None

    @property
    def first_job(self) -> str | None:
        """The job that it begins with; None until that is noted."""
        return self.import_job or self.job

    def with_(self, **changes: Any) -> Self:
        """Returns the run with some fields changed."""
        return self.model_copy(update=changes)

    def ended(self, outcome: Outcome, detail: str | None = None) -> Self:
        """Returns the run at its end; what was told of it before is kept."""
        told = " ".join(part for part in (self.detail, detail) if part)
        return self.with_(outcome=outcome, detail=told or None)


class Schedule(Record):
    """A schedule. Times are seconds since 1970.

    Attributes:
        id: of its own, so that a schedule is told from an earlier one of its name.
        revision: grows with every change.
        dealt_until: slots up to here have had their run, or none is to be had.
        last_job: the newest training that was made.
        runs: newest first. At most one goes on.
    """

    format: Literal[1] = 1
    id: str
    revision: int = 1
    name: Name
    cron: str
    timezone: str
    skip_unchanged: bool
    paused: bool = False
    training: TrainingRequest
    created_at: float
    dealt_until: float
    last_run_at: float | None = None
    last_job: str | None = None
    runs: list[Run] = Field(default=[])

    @property
    def timetable(self) -> Timetable:
        """When it is due."""
        return Timetable(self.cron, self.timezone)

    @property
    def dataset(self) -> str:
        """The name of its dataset."""
        return self.training.dataset.partition("@")[0]

    @property
    def under_way(self) -> Run | None:
        """The run that goes on."""
        return next((run for run in self.runs if run.outcome is None), None)

    def next_run_at(self, now: float) -> float | None:
        """Returns when it is due next, in seconds since 1970 like `now`; None while it is paused."""
        return None if self.paused else self.timetable.next_after(max(now, self.dealt_until))

    def with_(self, **changes: Any) -> Self:
        """Returns the schedule with some fields changed."""
        return self.model_copy(update=changes)

    def begun(self, run: Run, *, dealt_until: float) -> Self:
        """Returns the schedule with one more run. The oldest goes, unless it goes on."""
        earlier = [old for place, old in enumerate(self.runs, 1) if place < MOST_RUNS or old.outcome is None]
        return self.with_(runs=[run, *earlier], last_run_at=run.at, dealt_until=dealt_until)

    def gone_on(self, run: Run) -> Self:
        """Returns the schedule with the run under way as it is now."""
        return self.with_(runs=[run if old.outcome is None else old for old in self.runs])
