"""A list with hostile hosts in it: they hold up their own items alone."""

from __future__ import annotations

from itertools import cycle, islice

import pytest

from tests.support import pictures
from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin, serve
from tests.unit.shared.fetch.test_hostile_origins import HOSTILE

pytestmark = [pytest.mark.faults, pytest.mark.processes, pytest.mark.tensorflow]

ITEMS, BAD = 200, 40


def test_of_a_list_of_200_with_40_hostile_items_160_succeed(loupe: RunningLoupe) -> None:
    kinds = list(HOSTILE)
    assert len(kinds) >= 20
    with Origin() as origin:
        origin.on("/good", serve(pictures.encode(".png", pictures.photo())))
        for number, kind in enumerate(kinds):
            origin.on(f"/{number}", HOSTILE[kind][0])
        bad = islice(cycle(range(len(kinds))), BAD)
        # Every fifth one, and each kind of them
        urls = [
            origin.url(f"/{next(bad)}?{index}") if index % 5 == 0 else origin.url(f"/good?{index}")
            for index in range(ITEMS)
        ]
        job = loupe.post("/api/v1/classifications", json={"urls": urls}).json()
        ended = loupe.wait_job(job["id"], 120)
    assert ended["progress"] == {"done": ITEMS, "failed": BAD, "total": ITEMS}
    assert ended["result"]["succeeded"] == ITEMS - BAD
    assert not {"internal", "worker_lost"} & set(ended["result"]["errors"])
