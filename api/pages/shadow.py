"""A version in shadow, on its own page: what it agrees with, and the form that begins and ends it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from api.bodies import validate
from api.pages.inputs import real, sent
from api.services import services
from api.shadows import end_shadow, put_in_shadow, shadow_of
from shared.errors import NoShadow
from shared.registry import Served
from shared.schemas.shadow import ShadowRequest, ShadowView
from shared.shares import cut

blueprint = Blueprint("pages_shadow", __name__)
# What is offered; any other fraction is set over HTTP.
FRACTIONS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
USUAL = 0.1


@dataclass(frozen=True)
class InShadow:
    """What the page of a version says of shadow scoring.

    Attributes:
        view: what came of it so far; None while the version is not in shadow.
        other: another version of the model that is, whose place it would take.
        choices: the offered fractions, as values and words.
        chosen: the value that is selected.
    """

    view: ShadowView | None
    other: int | None
    choices: list[tuple[str, str]]
    chosen: str


def in_shadow(name: str, version: int, served: Served | None) -> InShadow | None:
    """Returns what to say of a version; None of one that answers, or that nothing could be compared with."""
    if served is None or served.version == version:
        return None
    try:
        found: ShadowView | None = shadow_of(services(), name)
    except NoShadow:
        found = None
    mine = found if found and found.version == version else None
    fraction = mine.fraction if mine else USUAL
    choices = [(f"{one:g}", cut(one)) for one in sorted({*FRACTIONS, fraction})]
    return InShadow(mine, found.version if found and not mine else None, choices, f"{fraction:g}")


@blueprint.post("/models/<name>/<int:version>/shadow")
def begin(name: str, version: int) -> Response:
    """Puts the version in shadow, or changes its fraction."""
    asked = validate(ShadowRequest, {"version": version, "fraction": real(sent(request.form, "fraction"))})
    put_in_shadow(services(), name, asked)
    return _back(name, version)


@blueprint.post("/models/<name>/<int:version>/shadow/end")
def end(name: str, version: int) -> Response:
    """Ends it; done twice, because the form was sent twice, it comes to the same."""
    try:
        if shadow_of(services(), name).version == version:
            end_shadow(services(), name)
    except NoShadow:
        pass
    return _back(name, version)


def _back(name: str, version: int) -> Response:
    return redirect(f"/models/{name}/{version}#shadow", 303)
