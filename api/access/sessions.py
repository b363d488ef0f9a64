"""Sessions of signed-in browsers: a random cookie, and in Redis whose key it stands for.

Redis has the cookie's hash only, so who reads Redis cannot sign in. Nothing is signed, so there is no secret that all
API processes would have to share, and a session that has ended is worthless wherever its cookie was copied to.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable

from flask import Flask, Response, g, request

from api.services import services
from shared.access import AccessKey
from shared.errors import FormTokenWrong
from shared.jobs import keys

COOKIE = "loupe_session"
FIELD = "form_token"
# A session that nobody used for so long has ended.
IDLE_S = 12 * 3600
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def begin(key: AccessKey) -> None:
    """Begins a session for a key, under a cookie that nobody knew before."""
    g.new_cookie = secrets.token_urlsafe(32)
    services().redis.set(_redis_key(g.new_cookie), key.sha256, ex=IDLE_S)


def end() -> None:
    """Ends the session of this request, if it has one."""
    token = _cookie()
    if token:
        services().redis.delete(_redis_key(token))
    g.new_cookie = ""


def digest_of_session() -> str | None:
    """Returns the hash of the key that this request's session stands for, and keeps the session alive."""
    token = _cookie()
    found = services().redis.getex(_redis_key(token), ex=IDLE_S) if token else None
    return str(found) if found else None


def lives() -> Callable[[], bool]:
    """Returns what says, also when this request is over, whether its session lives, and keeps it alive."""
    redis, token = services().redis, _cookie()
    return lambda: token is not None and redis.getex(_redis_key(token), ex=IDLE_S) is not None


def form_token() -> str:
    """Returns what a form has to send along: pages of other sites cannot know it.

    It follows from the cookie. A browser without one is given one with the answer.
    """
    token = g.get("new_cookie") or _cookie()
    if not token:
        token = g.new_cookie = secrets.token_urlsafe(32)
    return hashlib.sha256(b"form:" + token.encode("ascii")).hexdigest()


def check_form_token() -> None:
    """Refuses a form that was not on a page of this session.

    Raises:
        FormTokenWrong: the token is missing or another one's.
    """
    # Of who has no cookie the form, which may be long, is not even read.
    sent = request.form.get(FIELD, "") if _cookie() else ""
    if not sent or not hmac.compare_digest(sent.encode("utf-8", "surrogatepass"), form_token().encode("ascii")):
        raise FormTokenWrong("The form was not sent from a page of this session. Load the page again first.")


def register_sessions(app: Flask) -> None:
    """Sends the cookie with the answer when it is new or has to go."""

    @app.after_request
    def send(response: Response) -> Response:
        token = g.get("new_cookie")
        if token is not None:
            # Lax: a page of another site cannot have it sent with a form. Behind TLS it never goes without.
            age = None if token else 0
            response.set_cookie(COOKIE, token, age, httponly=True, samesite="Lax", secure=request.is_secure)
        return response


def _cookie() -> str | None:
    token = request.cookies.get(COOKIE, "")
    return token if TOKEN.fullmatch(token) else None


def _redis_key(token: str) -> str:
    return f"{keys.PREFIX}session:{hashlib.sha256(token.encode('ascii')).hexdigest()}"
