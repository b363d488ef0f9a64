"""What the parts of the client share: they ask, and read what comes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from loupe.bodies import Body, json_body
from loupe.errors import UnexpectedAnswer
from loupe.request import Request
from loupe.transport import Transport
from loupe.types import Job, Json

T = TypeVar("T")

API = "/api/v1"
# The server holds no answer for longer.
LONGEST_WAIT_S = 60


def path(*parts: object) -> str:
    """Returns the path of a thing; what is in a part cannot lead to another one."""
    return "/".join((API, *(quote(str(part), safe="", errors="replace") for part in parts)))


def new_key() -> str:
    """Returns a new Idempotency-Key."""
    return str(uuid.uuid4())


def reader(read: Callable[[Json], T]) -> Callable[[Json], T]:
    """Makes an answer without the fields that it should have an error of ours."""

    def careful(found: Json) -> T:
        try:
            return read(found)
        except (KeyError, TypeError, ValueError) as error:
            raise UnexpectedAnswer(f"The server's answer is not as expected: {error!r}. Is it a newer Loupe?") from None

    return careful


class Resource:
    """One kind of thing on the server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _get(self, where: str, read: Callable[[Json], T]) -> T:
        return reader(read)(self._transport.json(Request("GET", where)))

    def _post(self, where: str, read: Callable[[Json], T], value: Any = None) -> T:
        """Asks for what may be asked twice."""
        body = json_body({} if value is None else value)
        return reader(read)(self._transport.json(Request("POST", where, body=body, repeatable=True)))

    def _delete(self, where: str) -> None:
        self._transport.send(Request("DELETE", where))


def start(
    transport: Transport, where: str, body: Body, *, key: str | None = None, wait_s: int = 0, query: Any = None
) -> Job:
    """Sends a POST that makes a job. However often it has to be sent, it makes one.

    Args:
        key: its Idempotency-Key; a new one when not given.
        wait_s: for how long the server holds the answer if the job has not ended, at most 60.
    """
    asked = Request("POST", where, query=query or {}, body=body, key=key or new_key(), wait_s=wait_s)
    return reader(Job.read)(transport.json(asked))
