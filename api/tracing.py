"""The first span of a job's trace: the request that asks for it."""

from __future__ import annotations

from flask import Flask, Response, g, request

from shared.tracing import note, span


def register_tracing(app: Flask) -> None:
    """Traces the requests that can make work; a trace of each poll would only hide those."""

    @app.before_request
    def start() -> None:
        if request.method != "POST":
            return
        route = request.url_rule.rule if request.url_rule else "none"
        attributes = {"http.request.method": "POST", "http.route": route, "loupe.request.id": g.request_id}
        # Whoever asks may be in the middle of a trace, too.
        origin = {name.lower(): value for name, value in request.headers if name.lower().startswith("trace")}
        g.span = span(f"POST {route}", "server", origin, attributes)
        g.span.__enter__()

    @app.after_request
    def tell(response: Response) -> Response:
        if "span" in g:
            status = response.status_code
            note({"http.response.status_code": status}, str(status) if status >= 500 else "")
        return response

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        if "span" in g:
            g.pop("span").__exit__(None, None, None)
