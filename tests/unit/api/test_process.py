"""What an API process does besides answering."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from api.process import YOUNG_OBJECTS, collect_less_often, processes_for


@pytest.fixture(autouse=True)
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("cores", "processes"), [(None, 1), (1, 1), (2, 1), (3, 2), (4, 2), (64, 2)])
def test_a_second_process_is_for_cores_that_others_leave(cores: int | None, processes: int) -> None:
    assert processes_for(cores) == processes


def test_the_collector_looks_less_often_at_what_came_lately_and_as_often_at_the_rest() -> None:
    young, *older = gc.get_threshold()
    collect_less_often()
    assert gc.get_threshold() == (YOUNG_OBJECTS, *older)
    assert young < YOUNG_OBJECTS
