"""How an API process serves its connections: gunicorn's gevent worker, with times and errors of Loupe's own.

Gunicorn gives a first request no longer than it keeps an idle connection, and closes without a word when that is over.
With thousands of clients and busy cores a request may have come long before this process gets to look.
"""

from __future__ import annotations

import errno
import socket
import time
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any

import gevent
from gunicorn import http, util
from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ParseException,
)
from gunicorn.workers.ggevent import GeventWorker

from api.admission import Admission
from api.answers import to_json
from api.body_stream import Turns
from api.headers import HEADERS
from api.problems import MEDIA_TYPE, RETRY_AFTER_S, to_problem
from api.telemetry import NO_ROUTE, count_answer
from shared.errors import AddressTooLong, BadRequest, HeadersTooLarge, LoupeError, RequestTimeout

# How long a new connection may be silent; browsers open some in advance.
FIRST_WORD_S = 10.0
# From the first byte of a request's head to its last.
HEAD_S = 10.0
# Requests that begin at a time, and how long one waits before.
PLACES, BEGINS_WITHIN_S = 16, 5.0
# Begins at once, whoever waits.
ALIVE = "/healthz"
# How long, and in what pieces, the rest of a body is read that nobody wanted.
DISCARD_S, DISCARD_BYTES = 10.0, 1024 * 1024
# How soon a silent connection notices that the process is to stop.
LOOK_EVERY_S = 0.5
# Bytes of a request's first line, and of each of so many headers.
LONGEST_LINE, MOST_HEADERS = 8190, 100
# What a client does that no longer wants its answer.
GONE = frozenset({errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN})
# These two are the application's, though gunicorn derives them from errors of requests.
OURS = (InvalidResponseHeader, InvalidResponseHeaderName)


class ConnectionWorker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    """A gunicorn worker that answers whoever has asked, and ends the rest."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.admission = Admission(PLACES, BEGINS_WITHIN_S)

    def handle(self, listener: socket.socket, client: socket.socket, addr: Any) -> None:
        """Answers the requests of one connection, one after the other, until either side has had enough."""
        request, wait_s = None, FIRST_WORD_S
        try:
            parser = http.get_parser(self.cfg, client, addr)
            while parser.unreader.buf.getbuffer().nbytes or self._has_spoken(client, wait_s):
                request = None
                with gevent.Timeout(HEAD_S, RequestTimeout(f"A request's head has to come within {HEAD_S:.0f} s.")):
                    request = next(parser)
                request.proxy_protocol_info = {}
                keep = self._answer(listener.getsockname(), request, client, addr)
                if not discard(request.body) or not keep:
                    break
                wait_s = self.cfg.keepalive
        except (StopIteration, NoMoreData):
            # The client left, or what it sent does not say where its next request begins.
            pass
        except OSError as error:
            if error.errno not in GONE:
                self.log.exception("A connection failed.")
        except Exception as error:  # noqa: BLE001 - it becomes an answer.
            self.handle_error(request, client, addr, error)
        finally:
            util.close(client)

    def _has_spoken(self, client: socket.socket, within_s: float) -> bool:
        """Waits for the next request's first byte.

        What counts is what has come, not what was heard in time: when the time is up, the last look is made after it.
        """
        give_up = time.monotonic() + within_s
        while True:
            late = not self.alive or time.monotonic() >= give_up
            client.settimeout(0 if late else LOOK_EVERY_S)
            try:
                spoken = bool(client.recv(1, socket.MSG_PEEK))
            except (TimeoutError, BlockingIOError):
                if late:
                    return False
                continue
            client.settimeout(None)
            return spoken

    def _answer(self, listener_name: Any, request: Any, client: socket.socket, addr: Any) -> bool:
        """Answers one request; returns whether the connection is to be kept."""
        try:
            # What asks whether the process lives would restart it when told that it is busy.
            with nullcontext() if request.path == ALIVE else self.admission.admit():
                self.handle_request(listener_name, request, client, addr)
        except StopIteration:
            return False
        return True

    def handle_error(self, req: Any, client: socket.socket, _addr: Any, exc: BaseException) -> None:
        """Answers what is no request, or what the application could not answer, and ends the connection."""
        error = translate(exc)
        # The application never saw it. A line of the log for each would let anybody fill the disk.
        count_answer(getattr(req, "method", None), NO_ROUTE, error.status)
        if error.status >= 500 and not error.transient:
            # Without its query, which may hold a webhook's address with its password.
            self.log.error("%s failed", getattr(req, "path", "a request"), exc_info=exc)
        try:
            client.settimeout(LOOK_EVERY_S)
            client.sendall(answer(error))
        except OSError:
            return
        # What was not read would reset the connection, and the answer might be lost.
        util.close_graceful(client)


def discard(body: Any) -> bool:
    """Reads what is left of a body, so that its client comes to read the answer; returns whether its end was found.

    Gunicorn's parser would do it in pieces of 1 KiB, each a copy of all that came: 7 s of a core for 5 MB.
    """
    turns = Turns()
    with gevent.Timeout(DISCARD_S, exception=False):
        try:
            while body.read(DISCARD_BYTES):
                turns.give()
        except (ParseException, OSError):
            return False
        return True
    return False


def translate(exc: BaseException) -> LoupeError:
    """Returns the error of Loupe's own tree that an exception of gunicorn's means to a client."""
    if isinstance(exc, LoupeError):
        return exc
    if isinstance(exc, LimitRequestLine):
        return AddressTooLong(f"Expected a first line of at most {LONGEST_LINE} bytes, received a longer one.")
    if isinstance(exc, LimitRequestHeaders):
        allowed = f"at most {MOST_HEADERS} headers of at most {LONGEST_LINE} bytes each"
        return HeadersTooLarge(f"Expected {allowed}, received more or longer ones.")
    if isinstance(exc, ParseException) and not isinstance(exc, OURS):
        return BadRequest(f"{str(exc)[:300]}.")
    return LoupeError("This is a fault in Loupe, not in the request; its log says more.")


def answer(error: LoupeError) -> bytes:
    """Returns an error as the last answer of a connection."""
    problem = to_problem(error)
    body = to_json(problem).encode()
    headers = {"Connection": "close", "Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))} | HEADERS
    if error.transient:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    lines = [f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
