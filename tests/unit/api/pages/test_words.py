"""Every error has a next step, so that no page leaves its reader alone with a code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.openapi import error_codes
from api.pages import words
from shared import errors
from shared.errors import FieldError, InvalidRequest, ItemError, LoupeError


def below(root: type[LoupeError]) -> Iterator[type[LoupeError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from below(kind)


@pytest.mark.parametrize("code", sorted({kind.code for kind in below(LoupeError)}))
def test_every_code_has_a_next_step(code: str) -> None:
    assert words.NEXT[code].endswith(".")


def test_every_code_that_a_page_says_has_its_section() -> None:
    assert {*words.NEXT, *words.SHORT} <= {kind.code for kind in error_codes()}


@pytest.mark.parametrize("code", sorted({kind.code for kind in below(ItemError)}))
def test_every_code_of_a_picture_has_a_short_cause_for_lists(code: str) -> None:
    assert words.SHORT[code]


def test_an_error_of_a_request_names_its_fields() -> None:
    trouble = words.of_error(InvalidRequest("One field is not right.", (FieldError("url", "It is too long."),)))
    assert trouble.code == "invalid_request"
    assert trouble.cause == "One field is not right. url: It is too long."


def test_an_outcome_keeps_its_own_words() -> None:
    trouble = words.of_outcome({"code": "http_status", "message": "The host answered 404."})
    assert trouble == words.Trouble("http_status", "The host answered 404.", words.NEXT["http_status"])


def test_an_unknown_code_still_says_what_to_do() -> None:
    trouble = words.of_outcome({"code": "from_the_future", "message": ""})
    assert trouble.next == words.NEXT["internal"]
    assert trouble.cause == errors.ItemError.title
