"""Answers that are sent piece by piece break off once who asked for them would no longer be let in."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask, Response, g
from redis.exceptions import RedisError
from werkzeug.wsgi import ClosingIterator

from api.access import sessions
from api.access.caller import Caller
from api.services import services
from shared.access import Scope
from shared.errors import KeysUnreadable, RedisUnavailable

log = logging.getLogger(__name__)

# How often that is looked at, between two pieces: it takes a look at the file of keys, and for a session one at Redis.
LOOK_EVERY_S = 1.0

Stands = Callable[[], bool]


def watch_stream(asking: Caller, needed: Scope) -> None:
    """Has this request's answer, if it is a stream, last no longer than its key and its session."""
    g.stands = _standing(asking, needed)


def register_streams(app: Flask) -> None:
    """Has every stream look whether it may go on: none has to think of it."""

    @app.after_request
    def bound(response: Response) -> Response:
        stands: Stands | None = g.get("stands")
        if stands is not None and response.is_streamed:
            pieces: Any = response.response
            close = getattr(pieces, "close", None)
            response.response = ClosingIterator(while_standing(pieces, stands), [close] if close else None)
        return response


def while_standing(pieces: Iterable[bytes], stands: Stands) -> Iterator[bytes]:
    """Returns the pieces for as long as `stands` says True.

    Raises:
        BrokenPipeError: it said False. The connection breaks, as half of a file must not look like all of it.
    """
    looked_at = time.monotonic()
    for piece in pieces:
        now = time.monotonic()
        if now - looked_at >= LOOK_EVERY_S:
            if not stands():
                log.info("a stream was broken off: its access key was revoked, or its session has ended")
                raise BrokenPipeError(errno.EPIPE, "The access key was revoked, or the session has ended")
            looked_at = now
        yield piece


def _standing(asking: Caller, needed: Scope) -> Stands:
    """Returns what says, when the request is over, whether who sent it would be let in again."""
    keyring = services().keyring
    session_lives = sessions.lives() if asking.by_session else lambda: True

    def stands() -> bool:
        try:
            key = keyring.by_digest(asking.key.sha256) if keyring else None
            return key is not None and key.scope.covers(needed) and session_lives()
        except KeysUnreadable:
            return False
        except (RedisError, RedisUnavailable):
            # Without Redis no session can be ended.
            return True

    return stands
