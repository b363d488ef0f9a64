"""Tells what an HTTP answer means: what was asked for, or one of the errors."""

from __future__ import annotations

from typing import Any

import requests

from loupe.errors import BY_STATUS, ApiError, FieldProblem, LoupeError, UnexpectedAnswer
from loupe.types import Json

MOST_FIELDS_NAMED = 5
# Too much asked at once, or something behind the server is away for a while: 502 and 504 are a proxy's words for it.
TRANSIENT = frozenset({429, 502, 503, 504})


def to_json(response: requests.Response) -> Json:
    """Returns the object in an answer.

    Raises:
        UnexpectedAnswer: there is none.
    """
    found = _json(response)
    if not isinstance(found, dict):
        raise _strange(response)
    return found


def to_error(response: requests.Response) -> LoupeError | None:
    """Returns what an answer says has gone wrong; None for a 2xx."""
    if 200 <= response.status_code < 300:
        return None
    if 300 <= response.status_code < 400:
        aim = response.headers.get("Location", "nowhere")
        return UnexpectedAnswer(f"{_origin(response)} redirects to {aim}. Set LOUPE_URL to where Loupe is.")
    try:
        return _problem(response.status_code, _json(response))
    except (AttributeError, KeyError, TypeError):
        return _strange(response)


def _problem(status: int, found: Json) -> ApiError:
    fields = tuple(FieldProblem(str(one["field"]), str(one["message"])) for one in found.get("errors") or [])
    message = _named(str(found.get("title", "")), fields) if fields else str(found["detail"])
    return BY_STATUS.get(status, ApiError)(status, str(found["code"]), message, fields)


def _named(title: str, fields: tuple[FieldProblem, ...]) -> str:
    """Returns one sentence that names the first fields that are wrong; a single one needs no title."""
    if len(fields) == 1:
        return f"{fields[0].field}: {fields[0].message}"
    named = "; ".join(f"{one.field}: {one.message.rstrip('.')}" for one in fields[:MOST_FIELDS_NAMED])
    more = f"; and {len(fields) - MOST_FIELDS_NAMED} more" if len(fields) > MOST_FIELDS_NAMED else ""
    return f"{title}: {named}{more}."


def _json(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _strange(response: requests.Response) -> UnexpectedAnswer:
    kind = response.headers.get("Content-Type", "no content type")
    said = f"{response.status_code} with {kind}"
    return UnexpectedAnswer(f"{_origin(response)} answers, but not as Loupe does: {said}. Does LOUPE_URL name Loupe?")


def _origin(response: requests.Response) -> str:
    return "/".join((response.url or "").split("/")[:3])
