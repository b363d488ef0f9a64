"""Some of a list's outcomes, as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from api.pages.format import bare, clipped
from api.pages.list_filter import ROWS, ListQuery
from api.results import cursor_of, outcomes, wanted
from api.services import services
from shared.jobs.model import Job, Json

# Of these many a worker keeps the small picture; of the others when they are unsure.
PICTURED = 1000
LONGEST_NAME = 160


@dataclass(frozen=True)
class Row:
    """One picture of a list.

    Attributes:
        name: its file name or address, shortened.
        id: the caller's own id, if it came with one.
        image: where its small picture is, if one may have been kept.
    """

    item: Json
    name: str
    id: str
    image: str


@dataclass(frozen=True)
class Rows:
    """One page of a list's outcomes; `cursor` is where the next page begins, empty at the end."""

    rows: list[Row]
    cursor: str


def rows_of(job: Job, query: ListQuery) -> Rows:
    """Returns the outcomes that the query lets through, in input order.

    Raises:
        InvalidRequest: the cursor is none.
    """
    found = list(islice(wanted(outcomes(services(), job, cursor_of(query)), query), ROWS + 1))
    return Rows([_row(job, item) for item in found[:ROWS]], str(found[ROWS]["index"]) if len(found) > ROWS else "")


def _row(job: Job, item: Json) -> Row:
    own = str(item["id"] or "")
    name = item["filename"] or (bare(item["url"]) if item["url"] else own)
    return Row(
        item, clipped(str(name), LONGEST_NAME), clipped(own, LONGEST_NAME) if own != name else "", _image(job, item)
    )


def _image(job: Job, item: Json) -> str:
    kept = item["status"] == "succeeded" and (item["index"] < PICTURED or item["below_threshold"])
    return f"/api/v1/jobs/{job.id}/items/{item['index']}/image" if kept and services().settings.keep_images else ""
