"""/api/v1/jobs/{id}/results: the outcomes of a classification's pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator

from flask import Blueprint, Response

from api.answers import answered
from api.bodies import read_query
from api.operation import Media, Operation, documented
from api.resources.jobs import MISSING, TAG
from api.results import cursor_of, outcomes, wanted
from api.services import services
from api.spreadsheet import csv_lines
from shared import errors
from shared.jobs.model import Json, Kind
from shared.schemas.job import Item, ItemPage, ResultsQuery

blueprint = Blueprint("results", __name__)

DEFAULT_LIMIT = 100


@blueprint.get("/api/v1/jobs/<job_id>/results")
@documented(
    Operation(
        summary="The outcomes of a classification, in input order",
        tag=TAG,
        description="Items without an outcome are left out while the job runs.",
        query=ResultsQuery,
        answers={200: [ItemPage, Media("text/csv"), Media("application/x-ndjson")]},
        errors=(*MISSING, errors.NoResults, errors.ResultsDamaged, errors.InvalidRequest, errors.StorageUnavailable),
    )
)
def results(job_id: str) -> Response:
    """Answers with a page, or streams everything."""
    query = read_query(ResultsQuery)
    start = cursor_of(query)
    job = services().jobs.get(job_id)
    if job.kind is not Kind.CLASSIFICATION:
        raise errors.NoResults(f"Job {job_id} is of kind {job.kind}, and only a classification has results.")
    found = wanted(outcomes(services(), job, start), query)
    if query.format == "json":
        return answered(_page(found, query.limit or DEFAULT_LIMIT))
    limited = _limited(found, query.limit)
    if query.format == "ndjson":
        return Response(_ndjson(limited), mimetype="application/x-ndjson")
    name = f"loupe-{job_id}.csv"
    return Response(
        csv_lines(limited), mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _page(found: Iterator[Json], limit: int) -> ItemPage:
    items = list(_limited(found, limit + 1))
    following = str(items[limit]["index"]) if len(items) > limit else None
    return ItemPage(items=[Item.model_validate(item) for item in items[:limit]], next_cursor=following)


def _limited(found: Iterator[Json], limit: int | None) -> Iterator[Json]:
    for count, item in enumerate(found):
        if limit is not None and count >= limit:
            return
        yield item


def _ndjson(found: Iterator[Json]) -> Iterator[str]:
    for item in found:
        yield json.dumps(item) + "\n"
