"""/openapi.json and /docs: the API's own description, for programs and for people."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, json

from api.access.caller import keys_are_used
from api.docs import describe, everywhere, told_by
from api.openapi import error_codes, make_document
from api.operation import Media, Operation, documented
from api.pages.render import page

blueprint = Blueprint("docs", __name__)

DOCUMENT = "loupe-openapi"


def document() -> dict[str, object]:
    """Returns the OpenAPI document of this app, made once."""
    found: dict[str, object] = current_app.extensions.setdefault(DOCUMENT, {})
    if not found:
        found |= make_document(current_app)
    return found


@blueprint.get("/openapi.json")
@documented(
    Operation(summary="This document", tag="Operation", answers={200: [Media("application/json")]}),
)
def openapi() -> Response:
    """Answers with the OpenAPI document."""
    return Response(json.dumps(document()), mimetype="application/json")


@blueprint.get("/docs")
def docs() -> Response:
    """Shows the same document to people, and every error code with what it means."""
    return page(
        "docs.html",
        sections=describe(document()),
        everywhere=everywhere(document()),
        codes=error_codes(),
        told_by=told_by,
        keyed=keys_are_used(),
    )
