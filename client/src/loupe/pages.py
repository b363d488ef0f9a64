"""Lists of the server, one page after another, each asked for when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from loupe.request import Request
from loupe.resource import reader
from loupe.transport import Transport
from loupe.types import Json

T = TypeVar("T")

LIMIT = 1000


def pages(
    transport: Transport,
    path: str,
    read: Callable[[Json], T],
    query: Mapping[str, str | int | float | None] | None = None,
    limit: int = LIMIT,
) -> Iterator[T]:
    """Yields the items of a list.

    Args:
        read: makes an item of what the server says.
        limit: how many come at once, at most 1,000.

    Raises:
        UnexpectedAnswer: what comes is no list of such items.
    """

    def page(found: Json) -> tuple[list[T], str | None]:
        return [read(one) for one in found["items"]], found["next_cursor"]

    cursor: str | None = None
    while True:
        asked = {**(query or {}), "limit": limit, "cursor": cursor}
        items, cursor = reader(page)(transport.json(Request("GET", path, query=asked)))
        yield from items
        if cursor is None:
            return
