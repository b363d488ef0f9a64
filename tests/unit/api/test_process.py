"""What an API process does besides answering."""

from __future__ import annotations

import pytest

from api.process import processes_for


@pytest.mark.parametrize(("cores", "processes"), [(None, 1), (1, 1), (2, 1), (3, 2), (4, 2), (64, 2)])
def test_a_second_process_is_for_cores_that_others_leave(cores: int | None, processes: int) -> None:
    assert processes_for(cores) == processes
