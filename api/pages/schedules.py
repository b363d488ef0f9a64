"""The schedules: when each ran and will run, and what came of it."""

from __future__ import annotations

import time

from flask import Blueprint, Response

from api.pages.refresh import EVERY_S
from api.pages.render import page
from api.pages.schedule_rows import schedule_row
from api.schedules import schedule_store
from api.services import services
from shared.datasets import DatasetStore

blueprint = Blueprint("pages_schedules", __name__)


@blueprint.get("/schedules")
def schedules_page() -> Response:
    """Lists all schedules."""
    known, now = services(), time.time()
    rows = [schedule_row(known, schedule, now, most_runs=1) for schedule in schedule_store(known).all()]
    return page(
        "schedules.html",
        refresh=EVERY_S if any(row.moving(now) for row in rows) else None,
        rows=rows,
        datasets=bool(rows or DatasetStore(known.storage).names()),
    )
