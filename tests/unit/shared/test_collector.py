"""What Python's garbage collector looks at."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from shared.collector import spare_the_collector


class Loop:
    """Something that only the collector can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_the_collector_looks_at_nothing_that_was_loaded_and_still_frees_what_comes_after() -> None:
    spare_the_collector()
    assert len(gc.get_objects()) < gc.get_freeze_count() / 100
    left = weakref.ref(Loop())
    gc.collect()
    assert left() is None
