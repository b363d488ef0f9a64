from __future__ import annotations

import json
from typing import Any

import pytest

from api.answers import to_json
from shared.schemas.base import Answer


class View(Answer):
    """What anybody might have put into a job."""

    said: Any


@pytest.mark.parametrize("said", ["é", "half of a pair \ud800", {"deep": ["\udfff", 0.1, None]}, 1e22])
def test_an_answer_can_say_whatever_a_request_could(said: object) -> None:
    text = to_json(View(said=said))

    assert json.loads(text.encode()) == {"said": said}


def test_what_is_no_number_is_null() -> None:
    assert to_json(View(said=float("nan"))) == '{"said":null}'
