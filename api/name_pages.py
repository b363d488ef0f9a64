"""A page of things that are listed by their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.schemas.base import NamesQuery

T = TypeVar("T")


def page_of(found: Sequence[T], query: NamesQuery, name: Callable[[T], str] = str) -> tuple[list[T], str | None]:
    """Returns the part of `found` that a query asks for, and the cursor of the next one, if there is one.

    Args:
        found: sorted by name.
    """
    after = [one for one in found if query.cursor is None or name(one) > query.cursor]
    page = after[: query.limit]
    return page, name(page[-1]) if len(after) > len(page) else None
