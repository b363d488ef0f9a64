"""What an endpoint takes and answers, said once beside its function; the OpenAPI document is made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared import errors
from shared.errors import LoupeError
from shared.schemas.base import Answer, Request

View = TypeVar("View", bound=Callable[..., Any])
ATTRIBUTE = "loupe_operation"

# What can stand against a JSON body; and against a job that is to be made, whatever it is for.
BODY_ERRORS = (errors.BadJson, errors.BodyTooLarge, errors.UnsupportedMediaType, errors.InvalidRequest)
AWAY = (errors.RedisUnavailable, errors.StorageUnavailable)
JOB_ERRORS = (errors.IdempotencyMismatch, errors.QueueFull, *AWAY)
JOB_HEADERS = {
    "Prefer": "`wait=N` holds the answer for up to N seconds, at most 60, until the job has ended.",
    "Idempotency-Key": "The same request with the same key within 24 h is answered with the first one's job.",
}


@dataclass(frozen=True)
class Media:
    """An answer that is not JSON.

    Attributes:
        schema: of a text, or of each event of a stream; empty of bytes.
    """

    type: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class Operation:
    """One endpoint as the documentation shows it.

    Attributes:
        query: the schema of its query; None when it takes none.
        body: media type → schema, or a JSON schema as it is.
        body_required: whether the body may be left out.
        answers: status → what comes: nothing for an empty answer, several for several media types.
        errors: those special to this endpoint; those that every endpoint has are added.
        headers: request headers it looks at, with what they do.
    """

    summary: str
    tag: str
    description: str = ""
    query: type[Request] | None = None
    body: Mapping[str, type[Request] | dict[str, Any]] = field(default_factory=dict)
    body_required: bool = True
    answers: Mapping[int, Sequence[type[Answer] | Media]] = field(default_factory=dict)
    errors: Sequence[type[LoupeError]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def documented(operation: Operation) -> Callable[[View], View]:
    """Attaches an endpoint's description to its function."""

    def attach(view: View) -> View:
        setattr(view, ATTRIBUTE, operation)
        return view

    return attach


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """Returns what `documented` attached."""
    found: Operation | None = getattr(view, ATTRIBUTE, None)
    return found
