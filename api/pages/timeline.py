"""The timeline of a model: how good its versions were, what the gate said, and which answered when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response

from api.pages.render import page
from api.pages.timeline_chart import timeline_chart
from api.pages.versions import VersionRow, version_rows
from api.services import services
from shared.registry import Period

blueprint = Blueprint("pages_timeline", __name__)


@dataclass(frozen=True)
class PeriodRow:
    """How long a version answered, times in seconds since 1970.

    Attributes:
        row: the version; None if it was deleted, or is older than those that pages list.
        until: now for the one that answers now.
        refused: why no worker could load it; it then answered nobody.
        how: how it came, in words; nothing where a newer version took the place of an older one.
    """

    version: int
    row: VersionRow | None
    since: float
    until: float
    now: bool
    refused: str | None
    how: str


@blueprint.get("/models/<name>/timeline")
def timeline_page(name: str) -> Response:
    """Shows a model's past."""
    registry, now = services().registry, time.time()
    served = registry.readable_served(name)
    rows = version_rows(name, served)
    periods = registry.periods(name)
    answered = _period_rows(periods, rows, now)
    return page(
        "timeline.html",
        name=name,
        served=served,
        rows=rows[::-1],
        periods=answered,
        periods_of={row.version: [one for one in answered if one.version == row.version] for row in rows},
        changes=len(periods) - 1,
        chart=timeline_chart(rows, periods, now),
    )


def _period_rows(periods: Sequence[Period], rows: Sequence[VersionRow], now: float) -> list[PeriodRow]:
    by_version = {row.version: row for row in rows}
    return [
        PeriodRow(
            version=one.version,
            row=by_version.get(one.version),
            since=one.since.timestamp(),
            until=one.until.timestamp() if one.until else now,
            now=one.until is None,
            refused=one.refused,
            how=_how(one, before),
        )
        for one, before in zip(periods, [*periods[1:], None], strict=False)
    ]


def _how(one: Period, before: Period | None) -> str:
    if before is not None and before.refused is not None:
        return f"came back, as v{before.version} could not be loaded"
    return "went back to it" if before is not None and one.version < before.version else ""
