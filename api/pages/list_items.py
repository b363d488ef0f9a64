"""Some of a list's outcomes, as its page shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from api.results import outcomes
from api.services import services
from shared.jobs.model import Job, Json

ROWS = 100

SHOWN: dict[str, Callable[[Json], bool]] = {
    "": lambda _: True,
    "unsure": lambda item: bool(item["below_threshold"]),
    "failed": lambda item: item["status"] == "failed",
}


@dataclass(frozen=True)
class Items:
    """One page of a list's outcomes; `next_from` is the index that the next page begins at, if there is one."""

    rows: list[Json]
    next_from: int | None


def items_of(job: Job, show: str, start: int) -> Items:
    """Returns the outcomes from index `start` on that `show` lets through, in input order."""
    keep = SHOWN[show]
    found = list(islice((item for item in outcomes(services(), job, start) if keep(item)), ROWS + 1))
    return Items(found[:ROWS], found[ROWS]["index"] if len(found) > ROWS else None)
