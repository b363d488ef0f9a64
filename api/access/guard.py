"""Every request comes by here before anything else is done with it."""

from __future__ import annotations

from flask import Flask, request

from api.access import sessions
from api.access.caller import caller, keys_are_used
from api.access.origin import SAFE_METHODS, check_host, check_site, without_port
from api.access.scopes import scope_of
from api.access.streams import register_streams, watch_stream
from api.services import services
from shared.access import Scope
from shared.errors import Forbidden, Unauthorized
from shared.settings import Settings


def register_access(app: Flask, settings: Settings) -> None:
    """Checks every request: without keys by its Host and site, with keys by its key, too."""
    allowed = frozenset(without_port(name) for name in settings.allowed_hosts)

    @app.before_request
    def check() -> None:
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if not keys_are_used():
            check_host(request.environ.get("HTTP_HOST", ""), allowed)
            check_site(request.method, site, origin)
            return
        if request.method not in SAFE_METHODS:
            # Links from elsewhere may lead here: they show only what their reader's own key lets them see.
            check_site(request.method, site, origin)
        needed = scope_of(request.endpoint) if request.endpoint else None
        if needed is not None:
            _admit(needed)

    sessions.register_sessions(app)
    register_streams(app)


def _admit(needed: Scope) -> None:
    asking = caller()
    if asking is None:
        raise Unauthorized(_what_is_missing())
    services().limits.count(asking.key)
    if not asking.key.scope.covers(needed):
        raise Forbidden(f"A key of scope {needed} is needed here; the key of {asking.name} has {asking.key.scope}.")
    if asking.by_session and request.method not in SAFE_METHODS:
        sessions.check_form_token()
    watch_stream(asking, needed)


def _what_is_missing() -> str:
    if "Authorization" in request.headers:
        return "This access key is not known; it may have been revoked."
    if request.cookies.get(sessions.COOKIE) and not request.path.startswith("/api/"):
        return "The session has ended, or its key was revoked."
    return "An access key is needed: Authorization: Bearer KEY."
