"""Who asks: the key behind a request, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, request
from redis.exceptions import RedisError

from api.access import sessions
from api.access.origin import SAFE_METHODS
from api.services import services
from shared.access import AccessKey, Scope
from shared.errors import KeysUnreadable, RedisUnavailable

BEARER = "bearer"


@dataclass(frozen=True)
class Caller:
    """Somebody with a key.

    Attributes:
        by_session: whether a browser's cookie said so, which it adds to whatever a page makes it send.
    """

    key: AccessKey
    by_session: bool

    @property
    def name(self) -> str:
        """Whose key it is."""
        return self.key.name


def keys_are_used() -> bool:
    """Says whether this Loupe has keys; without, everybody who reaches it may do everything."""
    return services().keyring is not None


def caller() -> Caller | None:
    """Returns who asks, looked up once a request; None without keys, and for somebody without one.

    Raises:
        KeysUnreadable, RedisUnavailable, RedisError: it cannot be told.
    """
    if "caller" not in g:
        g.caller = _identify()
    found: Caller | None = g.caller
    return found


def may(needed: Scope) -> bool:
    """Says whether who asks may do what needs a scope. Where that cannot be told, nobody may."""
    if not keys_are_used():
        return True
    try:
        asking = caller()
    except (KeysUnreadable, RedisUnavailable, RedisError):
        return False
    return asking is not None and asking.key.scope.covers(needed)


def _identify() -> Caller | None:
    keyring = services().keyring
    if keyring is None:
        return None
    kind, _, presented = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == BEARER:
        key = keyring.find(presented.strip())
        return Caller(key, by_session=False) if key else None
    if request.path.startswith("/api/") and request.method not in SAFE_METHODS:
        # Pages read the API for pictures and downloads. What changes something goes through their forms.
        return None
    digest = sessions.digest_of_session()
    key = keyring.by_digest(digest) if digest else None
    return Caller(key, by_session=True) if key else None
