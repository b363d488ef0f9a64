"""Which of a list's pictures its page shows: what the query asks for, in words, in links and in the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import Field
from werkzeug.datastructures import MultiDict

from api.bodies import read_texts
from api.pages import words
from api.pages.form import THRESHOLDS
from shared.jobs.model import Job
from shared.schemas.base import PageQuery
from shared.schemas.job import ItemFilter
from shared.shares import cut

ROWS = 50


class ListQuery(ItemFilter, PageQuery):
    """The query of a list's page: the filters of its results, by the same names."""

    limit: int = Field(default=ROWS, ge=1, le=ROWS)


@dataclass(frozen=True)
class QuickFilter:
    """A filter that is one click away."""

    name: str
    href: str
    kind: str
    here: bool


@dataclass(frozen=True)
class ListFilter:
    """The filter of a list's page.

    Attributes:
        labels: what the form offers.
        shares: the scores that the form offers, as it sends them.
    """

    job: Job
    query: ListQuery
    labels: Sequence[str]
    shares: Sequence[str]

    @property
    def words(self) -> str:
        """What is shown, in words; empty when that is everything."""
        query, found = self.query, []
        if query.status:
            found.append({"succeeded": "classified", "failed": "failed", "canceled": "canceled"}[query.status])
        if query.error:
            found.append(words.SHORT.get(query.error, query.error))
        if query.label:
            found.append(query.label)
        if query.min_score is not None:
            found.append(f"sure from {cut(query.min_score)}")
        if query.max_score is not None:
            found.append(f"sure below {cut(query.max_score)}")
        if query.below_threshold is not None:
            found.append("worth a look" if query.below_threshold else "sure enough")
        return ", ".join(found)

    @property
    def quick(self) -> list[QuickFilter]:
        """All, those worth a look, and those that failed."""
        query = self.query
        return [
            QuickFilter("all", self.href(), "good", not self.words),
            QuickFilter("worth a look", self.href(below_threshold="true"), "unsure", query.below_threshold is True),
            QuickFilter("failed", self.href(status="failed"), "failed", query.status == "failed"),
        ]

    def href(self, **asked: str) -> str:
        """Returns the page with another filter."""
        query = urlencode(asked)
        return f"/jobs/{self.job.id}{'?' if query else ''}{query}#items"

    def page_href(self, cursor: str = "") -> str:
        """Returns another page of the same filter, the first one without a cursor."""
        return self.href(**self._asked(), **({"cursor": cursor} if cursor else {}))

    def download_href(self, format_: str, *, all_items: bool = False) -> str:
        """Returns where the shown items, or all of them, are as a file."""
        asked = {"format": format_} | ({} if all_items else self._asked())
        return f"/api/v1/jobs/{self.job.id}/results?{urlencode(asked)}"

    def offers(self, share: str, chosen: float | None) -> bool:
        """Tells whether an option of the form is the chosen one."""
        return (float(share) if share else None) == chosen

    def _asked(self) -> dict[str, str]:
        given = self.query.model_dump(exclude_none=True, exclude={"limit", "cursor"})
        return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def list_filter(job: Job, args: MultiDict[str, str], labels: Sequence[str]) -> ListFilter:
    """Reads the filter of a page.

    Args:
        labels: of the list's model.

    Raises:
        InvalidRequest: a value is wrong or unknown.
    """
    query = read_texts(ListQuery, args)
    offered = list(labels) if query.label in (None, *labels) else [str(query.label), *labels]
    given = {f"{share:g}" for share in (query.min_score, query.max_score) if share is not None}
    return ListFilter(job, query, offered, sorted({*THRESHOLDS, *given}, key=lambda share: float(share or -1)))
