"""A request, before anything is known of the connection it goes over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loupe.bodies import Body

SAFE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@dataclass(frozen=True)
class Request:
    """A request to a path of the server.

    Attributes:
        query: values that are None are left out.
        key: an Idempotency-Key: sent twice, the request does its work once.
        repeatable: whether sending it twice does no harm, whatever the method.
        wait_s: for how long the server may hold the answer.
        expects: a status that is an answer here, and no error.
    """

    method: str
    path: str
    query: Mapping[str, str | int | float | None] = field(default_factory=dict)
    body: Body | None = None
    key: str | None = None
    repeatable: bool = False
    wait_s: int = 0
    expects: int | None = None

    @property
    def safe(self) -> bool:
        """Whether it may be sent again when nobody knows what became of it."""
        return self.repeatable or self.key is not None or self.method in SAFE

    def headers(self) -> dict[str, str]:
        """Returns its headers."""
        given = {
            "Content-Type": self.body.content_type if self.body else None,
            "Idempotency-Key": self.key,
            "Prefer": f"wait={self.wait_s}" if self.wait_s else None,
        }
        return {name: value for name, value in given.items() if value is not None}
