"""Who changed what: the newest lines of the audit log, for admins."""

from __future__ import annotations

from flask import Blueprint, Response

from api.pages.render import page
from api.services import services
from shared import audit

blueprint = Blueprint("pages_audit", __name__)
ROWS = 200


@blueprint.get("/audit")
def audit_page() -> Response:
    """Shows what this machine's API has noted."""
    data_dir = services().settings.data_dir
    return page("audit.html", rows=audit.newest(data_dir, ROWS), path=audit.audit_path(data_dir))
