"""The page that asks whether a version is to answer from now on, and says in numbers what that will change."""

from __future__ import annotations

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from api.pages import words
from api.pages.render import page
from api.pages.versions import readable_row, version_row
from api.pages.workers import workers_of
from api.schedules import schedule_store
from api.services import services
from api.side_by_side import side_by_side
from shared.datasets import DatasetStore
from shared.errors import LoupeError
from shared.registry import Registry, Served
from shared.schedules.record import Schedule

blueprint = Blueprint("pages_promote", __name__)
# Of many classes those that lose most.
MOST_CLASSES = 5


@blueprint.get("/models/<name>/<int:version>/promote")
def ask(name: str, version: int) -> Response:
    """Asks whether this version is to answer from now on."""
    return _confirmation(name, version)


@blueprint.post("/models/<name>/<int:version>/promote")
def promote(name: str, version: int) -> AnyResponse:
    """Has this version answer from now on; what stands against it is said in place."""
    try:
        services().pointers.promote(name, version)
    except LoupeError as error:
        if error.status >= 500 or error.status == 404:
            raise
        return _confirmation(name, version, error)
    return redirect(f"/models/{name}", 303)


def _confirmation(name: str, version: int, error: LoupeError | None = None) -> Response:
    known = services()
    served = known.registry.readable_served(name)
    row = version_row(known.registry, name, version, served)
    champion = readable_row(known.registry, name, served.version, served) if served else None
    compared = None
    if champion and champion.version != version:
        datasets = DatasetStore(known.storage)
        compared = side_by_side(known.registry, datasets, row.manifest, champion.manifest)
    return page(
        "promote.html",
        http_status=error.status if error else 200,
        row=row,
        champion=champion,
        compared=compared,
        losses=[one for one in compared.classes if one.gain < 0][:MOST_CLASSES] if compared else [],
        refusal=served.refusal(version) if served else None,
        answered_until=_answered_until(known.registry, name, version, served),
        workers=workers_of(name),
        schedules=_schedules(name),
        trouble=words.of_error(error) if error else None,
    )


def _answered_until(registry: Registry, name: str, version: int, served: Served | None) -> float | None:
    """Returns until when a version answered before, in seconds since 1970; None if it never did, or answers now."""
    if served is None or served.version == version:
        return None
    ends = [one.until for one in registry.periods(name) if one.version == version and one.refused is None]
    return ends[0].timestamp() if ends and ends[0] else None


def _schedules(model: str) -> list[Schedule]:
    """Returns the schedules whose next run may have another version answer."""
    found = schedule_store(services()).all()
    return [one for one in found if one.training.model == model and not one.paused and one.training.promote != "never"]
