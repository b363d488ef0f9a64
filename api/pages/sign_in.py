"""Signing in with a key, and out."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from api.access import audit, sessions
from api.access.caller import Caller, keys_are_used
from api.pages import words
from api.pages.render import page
from api.services import services
from shared.errors import Unauthorized

blueprint = Blueprint("pages_sign_in", __name__)


@blueprint.get("/sign-in")
def ask() -> AnyResponse:
    """Asks for a key, where there are keys."""
    return page("sign_in.html", back="/") if keys_are_used() else redirect("/", 303)


@blueprint.post("/sign-in")
def sign_in() -> AnyResponse:
    """Begins a session and goes on to where the visitor wanted to be."""
    known = services()
    if known.keyring is None:
        audit.nothing_done()
        return redirect("/", 303)
    # First of all: the form's token is in its body, which has to be read for it.
    known.limits.try_sign_in(request.remote_addr or "")
    sessions.check_form_token()
    back = _within(request.form.get("back", "/"))
    key = known.keyring.find(request.form.get("key", "").strip())
    if key is None:
        return _refused(back)
    sessions.begin(key)
    g.caller = Caller(key, by_session=True)
    return redirect(back, 303)


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """Ends the session."""
    if keys_are_used():
        sessions.check_form_token()
        sessions.end()
    return redirect("/sign-in", 303)


def _refused(back: str) -> Response:
    trouble = words.of_error(Unauthorized("This access key is not known; it may have been revoked."))
    answer = page("sign_in.html", http_status=401, back=back, trouble=trouble)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _within(path: str) -> str:
    """Returns a path of Loupe's own, whatever a form was made to say."""
    # Browsers take a backslash for a slash, and leave out control characters before they look for two of them.
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else "/"
