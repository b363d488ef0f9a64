"""The status of an answer, in words."""

from __future__ import annotations

from http import HTTPStatus


def status_text(status: int) -> str:
    """Returns a status as in `404 Not Found`, or the number alone where HTTP knows no such status."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
