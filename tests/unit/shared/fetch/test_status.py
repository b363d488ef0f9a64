from __future__ import annotations

import pytest

from shared.fetch.status import status_text


@pytest.mark.parametrize(("status", "text"), [(404, "404 Not Found"), (503, "503 Service Unavailable"), (799, "799")])
def test_a_status_is_said_in_words_where_there_are_any(status: int, text: str) -> None:
    assert status_text(status) == text
