"""What the API counts about itself."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

REQUESTS = Counter("loupe_http_requests", "Answered HTTP requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "loupe_http_request_seconds",
    "Time from a request's start to the start of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


def register_telemetry(app: Flask) -> None:
    """Counts and times every request."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        # Names that clients choose would make a new series each: paths count by their route.
        method = request.method if request.method in METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "none"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        if "started" in g:
            SECONDS.labels(method, route).observe(time.perf_counter() - g.started)
        return response
