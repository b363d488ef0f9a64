"""What goes into the audit log: one table of what is noted, and the one place that notes it."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, request

from api.access.caller import caller
from api.services import services
from shared import audit

# What a request has done once its endpoint has answered with success.
DONE = {
    "corrections.delete": "took correction back",
    "corrections.put": "corrected picture",
    "datasets.delete": "deleted dataset",
    "models.promote": "promoted",
    "pages_correct.correct_picture": "corrected picture",
    "pages_correct.forget": "took correction back",
    "pages_elsewhere.bring_in": "brought in model",
    "pages_promote.promote": "promoted",
    "pages_schedule.delete": "deleted schedule",
    "pages_schedule.pause": "paused schedule",
    "pages_schedule.resume": "resumed schedule",
    "pages_schedule.run": "ran schedule",
    "pages_schedule_edit.change": "changed schedule",
    "pages_schedule_edit.make": "made schedule",
    "pages_sign_in.sign_in": "signed in",
    "schedules.change": "changed schedule",
    "schedules.create": "made schedule",
    "schedules.delete": "deleted schedule",
    "schedules.run": "ran schedule",
    "versions.create_version": "brought in model",
    "versions.delete_version": "deleted version",
}
# The same, of interest only where the job is somebody else's: `check_owner` has noted whose.
DONE_TO_OTHERS = {
    "jobs.cancel": "canceled job",
    "jobs.delete": "deleted job",
    "pages_job.cancel": "canceled job",
}


def note(**more: Any) -> None:
    """Adds to what will be noted of this request: what its path does not say."""
    g.audited = {**g.get("audited", {}), **more}


def nothing_done() -> None:
    """Has nothing be noted of this request: what it asks for was done before, or there was nothing to do."""
    g.nothing_done = True


def register_audit(app: Flask) -> None:
    """Notes what was done, after the answer is made and before it is sent."""

    @app.after_request
    def write(response: Response) -> Response:
        noted = g.get("audited", {})
        action = (DONE | DONE_TO_OTHERS if "owner" in noted else DONE).get(request.endpoint or "")
        if action and _succeeded(response) and "nothing_done" not in g:
            asking = caller()
            more = {"from": request.remote_addr, **noted}
            audit.record(services().settings.data_dir, asking.name if asking else None, action, request.path, **more)
        return response


def _succeeded(response: Response) -> bool:
    # A page's form that was right is answered with a redirect, one that was wrong with the form again.
    return response.status_code < 400 if request.path.startswith("/api/") else response.status_code == 303
