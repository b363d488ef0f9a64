"""Job ids tell their age."""

from __future__ import annotations

import time
import uuid

import pytest

from shared.ids import created_ms, new_id


def test_ids_sort_by_time_and_tell_it() -> None:
    made = [new_id() for _ in range(100)]
    assert made == sorted(made)
    age = created_ms(made[0])
    assert age is not None
    assert abs(age / 1000 - time.time()) < 5


@pytest.mark.parametrize("text", ["", "x", str(uuid.uuid4()), new_id().upper() + " ", "{" + new_id() + "}"])
def test_what_is_no_uuid7_in_its_usual_spelling_tells_nothing(text: str) -> None:
    assert created_ms(text) is None
