"""What the API says about itself: every request is counted and timed, and has an id."""

from __future__ import annotations

import re
import time
import uuid

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from shared.logs import bind

REQUESTS = Counter("loupe_http_requests", "Answered HTTP requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "loupe_http_request_seconds",
    "Time from a request's start to the start of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
# Who already has an id for a request, such as a proxy, may send it; it must not break a line of the log.
REQUEST_ID = "X-Request-ID"
ACCEPTED_ID = re.compile(r"[A-Za-z0-9._=/+-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
NO_ROUTE = "none"


def count_answer(method: str | None, route: str, status: int) -> str:
    """Counts an answer; returns the method as metrics name it."""
    known = method if method in METHODS else "other"
    REQUESTS.labels(known, route, str(status)).inc()
    return known


def register_telemetry(app: Flask) -> None:
    """Counts and times every request, and has its id on its log lines, its answer and the jobs that it makes."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()
        given = request.headers.get(REQUEST_ID, "")
        g.request_id = given if ACCEPTED_ID.fullmatch(given) else uuid.uuid4().hex
        bind(request=g.request_id)

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        # The next request of a connection runs in the same greenlet.
        bind()

    @app.after_request
    def count(response: Response) -> Response:
        # Names that clients choose would make a new series each: paths count by their route.
        route = request.url_rule.rule if request.url_rule else NO_ROUTE
        method = count_answer(request.method, route, response.status_code)
        if "started" in g:
            response.headers[REQUEST_ID] = g.request_id
            SECONDS.labels(method, route).observe(time.perf_counter() - g.started)
        return response
