"""Errors become answers here and nowhere else: problem+json for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, json, request
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from werkzeug.exceptions import HTTPException

from shared import errors
from shared.errors import LoupeError
from shared.schemas.problem import Problem, ProblemField

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
PAGE = "loupe-problem-page"

# Renders an error for people. It must not need Redis or storage: they may be what is away.
ProblemPage = Callable[[Problem], str]

AWAY = (RedisConnectionError, RedisTimeoutError, OutOfMemoryError, ReadOnlyError)
FROM_STATUS: dict[int, type[LoupeError]] = {
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    415: errors.UnsupportedMediaType,
}


def register_problems(app: Flask) -> None:
    """Turns every exception of the app into an answer."""
    app.register_error_handler(Exception, answer)


def register_problem_page(app: Flask, render: ProblemPage) -> None:
    """Has errors of page requests shown by `render`."""
    app.extensions[PAGE] = render


def answer(error: Exception) -> Response | HTTPException:
    """Returns the response for any exception."""
    if isinstance(error, HTTPException) and (error.response is not None or (error.code or 500) < 400):
        return error
    loupe_error = translate(error)
    if loupe_error.status >= 500 and not loupe_error.transient:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
    status = _odd_status(error) or loupe_error.status
    response = _render(to_problem(loupe_error, status))
    if loupe_error.transient:
        response.headers["Retry-After"] = str(loupe_error.retry_after_s or RETRY_AFTER_S)
    if loupe_error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, HTTPException):
        for name, value in error.get_headers():
            if name.lower() != "content-type":
                response.headers[name] = value
    return response


def translate(error: Exception) -> LoupeError:
    """Returns the error of Loupe's own tree that an exception means to a client."""
    if isinstance(error, LoupeError):
        return error
    if isinstance(error, AWAY) or str(error).startswith("MISCONF"):
        return errors.RedisUnavailable("Redis does not answer or does not take writes. Try again in a moment.")
    if isinstance(error, HTTPException):
        return _from_http(error)
    return LoupeError("This is a fault in Loupe, not in the request; its log says more.")


def to_problem(error: LoupeError, status: int | None = None) -> Problem:
    """Returns an error as clients see it."""
    return Problem(
        type=f"/docs#{error.code}",
        title=error.title,
        status=status or error.status,
        detail=error.message,
        code=error.code,
        errors=[ProblemField(field=wrong.field, message=wrong.message) for wrong in error.errors],
    )


def _from_http(error: HTTPException) -> LoupeError:
    if error.code == 404:
        return errors.NotFound(f"There is nothing at {request.path!r}.")
    if error.code == 405:
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        return errors.MethodNotAllowed(f"{request.path} takes {allowed}, received {request.method}.")
    kind = FROM_STATUS.get(error.code or 500, errors.BadRequest if (error.code or 500) < 500 else LoupeError)
    return kind(error.description or "")


def _odd_status(error: Exception) -> int | None:
    """Keeps a status that Loupe has no error of its own for, such as 411 or 416."""
    if isinstance(error, HTTPException) and error.code not in FROM_STATUS:
        return error.code
    return None


def _render(problem: Problem) -> Response:
    page: ProblemPage | None = current_app.extensions.get(PAGE)
    if page is not None and _for_people():
        try:
            return Response(page(problem), problem.status, mimetype="text/html")
        except Exception:
            log.exception("the page for %s could not be rendered", problem.code)
    body: dict[str, Any] = problem.model_dump(mode="json")
    return Response(json.dumps(body), problem.status, mimetype=MEDIA_TYPE)


def _for_people() -> bool:
    accept = request.accept_mimetypes
    return not request.path.startswith("/api/") and accept["text/html"] > accept["application/json"]
