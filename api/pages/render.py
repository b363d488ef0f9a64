"""Renders a page: what every template gets, and what every page's answer carries."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, render_template, request
from markupsafe import Markup
from redis.exceptions import RedisError

from api.access import sessions
from api.access.caller import Caller, caller, may
from api.access.owner import may_change
from api.idempotency import ONCE
from api.pages import times
from api.pages.assets import register_assets
from api.pages.format import FILTERS
from api.pages.served import served_or_unknown
from api.pages.versions import ShownVersion
from api.pages.words import Trouble, next_step
from shared.errors import KeysUnreadable, RedisUnavailable
from shared.ids import new_id
from shared.schemas.problem import Problem

PAGES = (
    ("Classify", "/"),
    ("Batch", "/batch"),
    ("Jobs", "/jobs"),
    ("Datasets", "/datasets"),
    ("Train", "/train"),
    ("Models", "/models"),
    ("Schedules", "/schedules"),
    ("API", "/docs"),
)
# Pages that lie elsewhere than the one they belong to: below /schedules every name may be a schedule's.
BELONGS = {"/train/schedule": "/schedules"}


@dataclass(frozen=True)
class NavEntry:
    """A link of the header."""

    name: str
    href: str
    here: bool


def page(template: str, *, http_status: int = 200, refresh: int | None = None, **context: Any) -> Response:
    """Returns a page.

    Args:
        context: what the template shows.
        refresh: after how many seconds the page is fetched again where there is no script; None for a page at rest.
    """
    text = render_template(template, refresh=refresh, **context)
    # A page shows what is now; going back to it shows what is then.
    return Response(text, http_status, mimetype="text/html", headers={"Cache-Control": "no-cache"})


def problem_page(problem: Problem) -> str:
    """Returns an error as a page."""
    if problem.status >= 500:
        # What is away may be the very thing that the header would ask.
        g.header_asks_nothing = True
    if problem.status == 401:
        # What was asked for is asked for again once the visitor has signed in.
        return render_template("sign_in.html", back=request.full_path.rstrip("?") if request.method == "GET" else "/")
    details = " ".join(f"{wrong.field}: {wrong.message}" for wrong in problem.errors)
    trouble = Trouble(problem.code, f"{problem.detail} {details}".strip(), next_step(problem.code))
    return render_template("problem.html", title=problem.title, trouble=trouble)


def register_rendering(app: Flask) -> None:
    """Gives every template the header's parts, the filters and the time."""
    app.jinja_env.filters.update(FILTERS | times.FILTERS)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    register_assets(app)

    @app.context_processor
    def shared_parts() -> dict[str, Any]:
        return {"nav": _nav(), "serving_now": _serving_now, "now": time.time(), "visitor": _visitor}

    # Not in the context, which the parts that pages share do not see: what can only be refused is not offered.
    app.add_template_global(may)
    app.add_template_global(may_change)
    app.add_template_global(form_token)
    app.add_template_global(once)


def form_token(*, always: bool = False) -> Markup:
    """Returns the hidden field that every form that posts has in it.

    Args:
        always: for the form by which a session begins. The others need it only within one.
    """
    asking = _visitor()
    if not always and (asking is None or not asking.by_session):
        return Markup()
    return Markup('<input type="hidden" name="{}" value="{}">').format(sessions.FIELD, sessions.form_token())


def once() -> Markup:
    """Returns the hidden field by which a form that is sent twice makes one job."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(ONCE, new_id())


def _visitor() -> Caller | None:
    """Returns who asks; None as well where that cannot be told, because an error page must not fail over it."""
    try:
        return caller()
    except (KeysUnreadable, RedisUnavailable, RedisError):
        return None


def _nav() -> list[NavEntry]:
    path = BELONGS.get(request.path, request.path) if request else ""
    return [NavEntry(name, href, path == href or (href != "/" and path.startswith(f"{href}/"))) for name, href in PAGES]


def _serving_now() -> list[ShownVersion] | None:
    return None if g.get("header_asks_nothing") else served_or_unknown()
