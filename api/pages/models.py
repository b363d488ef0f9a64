"""The models: what each can do, and its versions side by side."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response

from api.pages.matrix import matrix_of
from api.pages.refresh import EVERY_S
from api.pages.render import page
from api.pages.version_chart import VersionChart, version_chart
from api.pages.versions import VersionRow, version_rows
from api.pages.workers import loaded, worker_lines
from api.services import services
from shared.errors import ModelNotFound, VersionCorrupt
from shared.registry import Served

log = logging.getLogger(__name__)

blueprint = Blueprint("pages_models", __name__)
# More versions than this do not stand side by side; more classes make a page too long.
MOST_COLUMNS = 6
MOST_CLASSES = 100
# So long after a promotion the page looks again: workers follow within 5 s, or say why they cannot.
MOVING_S = 15


@dataclass(frozen=True)
class Model:
    """A model with its versions.

    Attributes:
        rows: its versions, the newest first.
    """

    name: str
    served: Served | None
    rows: Sequence[VersionRow]
    chart: VersionChart

    @property
    def detail(self) -> VersionRow:
        """The version shown closely: the served one, else the newest."""
        return next((row for row in self.rows if row.state == "served"), self.rows[0])

    @property
    def beside(self) -> VersionRow:
        """What the newest version is compared with first: the one that answers, or the one before."""
        return self.detail if self.detail.version != self.rows[0].version else self.rows[1]

    @property
    def promoted_at(self) -> float | None:
        """Since when the served version answers, in seconds since 1970."""
        return self.served.promoted_at.timestamp() if self.served else None

    def moving(self, now: float) -> bool:
        """Whether the workers may still be on their way to the served version."""
        return self.promoted_at is not None and now - self.promoted_at < MOVING_S


@dataclass(frozen=True)
class ClassLine:
    """How much of one class each version found; None where it has no such class."""

    label: str
    recalls: Sequence[float | None]


@blueprint.get("/models")
def models_page() -> Response:
    """Lists all models."""
    found = [_readable(name) for name in services().registry.names()]
    return page("models.html", models=[model for model in found if model is not None])


@blueprint.get("/models/<name>")
def model_page(name: str) -> Response:
    """Shows the versions of a model side by side."""
    model = _model(name)
    columns = _columns(model)
    return page(
        "model.html",
        refresh=EVERY_S if model.moving(time.time()) else None,
        model=model,
        loaded=loaded(name, model.detail.version, model.served),
        workers=worker_lines(name),
        detail=model.detail,
        matrix=matrix_of(model.detail.manifest),
        columns=columns,
        classes=_class_lines(columns)[:MOST_CLASSES],
    )


def _readable(name: str) -> Model | None:
    try:
        return _model(name)
    except (ModelNotFound, VersionCorrupt) as error:
        log.warning("left out of the page: %s", error)
        return None


def _model(name: str) -> Model:
    served = services().registry.readable_served(name)
    rows = version_rows(name, served)
    return Model(name, served, rows[::-1], version_chart(rows))


def _columns(model: Model) -> list[VersionRow]:
    """Returns the newest versions and the served one, oldest first."""
    newest = list(model.rows[:MOST_COLUMNS])
    if model.detail not in newest:
        newest[-1] = model.detail
    return newest[::-1]


def _class_lines(columns: Sequence[VersionRow]) -> list[ClassLine]:
    recalls = [{one.label: one.recall for one in row.manifest.per_class} for row in columns]
    labels = dict.fromkeys(label for recall in reversed(recalls) for label in recall)
    return [ClassLine(label, [recall.get(label) for recall in recalls]) for label in labels]
