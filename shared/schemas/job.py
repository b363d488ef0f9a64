"""Jobs and items as clients see them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from shared.jobs.model import Job, Json, Kind, Status
from shared.schemas.base import EMPTY_IS_NONE, Answer, Limit, PageQuery, Request, Share, Time, rfc3339
from shared.schemas.problem import CodedError
from shared.schemas.webhook import Webhook

ItemStatus = Literal["succeeded", "failed", "canceled"]


class VersionRef(Answer):
    """A model's version."""

    name: str
    version: int | None


class Prediction(Answer):
    """A class and how sure the model is of it."""

    label: str
    score: float = Field(ge=0, le=1)


class Item(Answer):
    """The outcome of one picture."""

    index: int
    id: str | None
    url: str | None
    filename: str | None
    status: ItemStatus
    label: str | None
    score: float | None
    predictions: list[Prediction]
    below_threshold: bool
    model: VersionRef | None
    timings: dict[str, float | None] = Field(description="Milliseconds: `fetch_ms`, `decode_ms`, `predict_ms`.")
    error: CodedError | None


class ItemPage(Answer):
    """One page of a job's results, in input order."""

    items: list[Item]
    next_cursor: str | None


class JobLinks(Answer):
    """Where to go from a job; all relative."""

    self: str
    results: str | None = Field(description="Null for a training or an import, which have none.")
    events: str
    page: str


class JobView(Answer):
    """A job as its record says it is."""

    id: str
    kind: Kind
    single: bool
    status: Status
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    attempt: int
    progress: dict[str, Any] = Field(description="`done`, `failed`, `total`; a training also says its epoch.")
    result: dict[str, Any] | None = Field(description="A single job's item, a list's summary, a training's version.")
    error: CodedError | None
    links: JobLinks
    webhook: Webhook | None
    owner: str | None = Field(description="The name of the access key that asked for it; null without keys.")

    @classmethod
    def of(cls, job: Job) -> JobView:
        """Returns what clients see of a job."""
        path = f"/api/v1/jobs/{job.id}"
        return cls(
            id=job.id,
            kind=job.kind,
            single=job.single,
            status=job.status,
            created_at=rfc3339(job.created_at) or "",
            started_at=rfc3339(job.started_at),
            finished_at=rfc3339(job.finished_at),
            attempt=job.attempt,
            progress=job.progress,
            result=job.result,
            error=CodedError(**job.error) if job.error else None,
            links=JobLinks(
                self=path,
                results=f"{path}/results" if job.kind is Kind.CLASSIFICATION else None,
                events=f"{path}/events",
                page=f"/jobs/{job.id}",
            ),
            webhook=Webhook.of(job.spec["webhook"], job.tries) if job.spec.get("webhook") else None,
            owner=job.owner,
        )


class JobPage(Answer):
    """One page of the job list, newest first."""

    items: list[JobView]
    next_cursor: str | None


class JobsQuery(PageQuery):
    """Which jobs to list."""

    kind: Annotated[Kind | None, EMPTY_IS_NONE] = None
    status: Annotated[Status | None, EMPTY_IS_NONE] = None


class ItemFilter(Request):
    """Which of a list's items are wanted: those to which everything given applies."""

    status: Annotated[ItemStatus | None, EMPTY_IS_NONE] = None
    label: Annotated[str | None, EMPTY_IS_NONE] = None
    min_score: Annotated[Share | None, EMPTY_IS_NONE] = Field(default=None, description="Scores from here on.")
    max_score: Annotated[Share | None, EMPTY_IS_NONE] = Field(default=None, description="Scores below this one.")
    below_threshold: Annotated[bool | None, EMPTY_IS_NONE] = Field(
        default=None, description="`true`: answers below the threshold that was asked for."
    )
    error: Annotated[str | None, EMPTY_IS_NONE] = Field(default=None, description="The code of items that failed.")

    def lets_through(self, item: Json) -> bool:
        """Tells whether an item is wanted."""
        score = item["score"]
        return (
            self.status in (None, item["status"])
            and self.label in (None, item["label"])
            and (self.min_score is None or (score is not None and score >= self.min_score))
            and (self.max_score is None or (score is not None and score < self.max_score))
            and self.below_threshold in (None, item["below_threshold"])
            and (self.error is None or self.error == (item["error"] or {}).get("code"))
        )


class ResultsQuery(ItemFilter, PageQuery):
    """Which results to answer with, and how."""

    limit: Annotated[Limit | None, EMPTY_IS_NONE] = Field(  # type: ignore[assignment]
        default=None, description="How many; 100 for json by default, all for csv and ndjson."
    )
    format: Literal["json", "csv", "ndjson"] = "json"


class CancelRequest(Request):
    """How to cancel."""

    keep: bool = Field(default=False, description="Keep a training's best weights so far.")


class RetryRequest(Request):
    """A retry asks what its job asked; there is nothing to say."""
