"""Numbers and times as people read them."""

from __future__ import annotations

import pytest

from api.pages import format as words
from shared.shares import SPACE


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0.4 ms"),
        (0.084, "84 ms"),
        (8.4, "8.4 s"),
        (9.96, "10 s"),
        (40, "40 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (3780, "1 h 3 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, text: str) -> None:
    assert words.duration(seconds).replace(SPACE, " ") == text


@pytest.mark.parametrize(("value", "text"), [(0.4, "0.4 ms"), (84.2, "84 ms"), (1300, "1.3 s")])
def test_milliseconds_get_coarser_as_they_grow(value: float, text: str) -> None:
    assert words.milliseconds(value).replace(SPACE, " ") == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "1 s"), (7.3, "7 s"), (119, "2 min"), (7000, "2 h")])
def test_the_time_left_is_rough(seconds: float, text: str) -> None:
    assert words.about(seconds).replace(SPACE, " ") == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (-3, "just now"),
        (9, "just now"),
        (40, "40 seconds ago"),
        (61, "1 minute ago"),
        (7300, "2 hours ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_a_past_time_is_told_in_one_unit(passed: float, text: str) -> None:
    assert words.ago(1000.0 - passed, 1000.0) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(604_800, "7 days"), (3600, "1 hour"), (90, "90 seconds"), (120, "2 minutes")]
)
def test_a_period_is_told_in_the_largest_unit_that_fits(seconds: float, text: str) -> None:
    assert words.period(seconds) == text


def test_a_time_is_written_for_people_and_for_machines() -> None:
    assert words.clock(1_772_373_730) == "2026-03-01 14:02:10 UTC"
    assert words.iso(1_772_373_730) == "2026-03-01T14:02:10Z"


@pytest.mark.parametrize(("count", "text"), [(900, "900 B"), (20 * 1024**2, "20 MiB"), (3 * 1024**3, "3 GiB")])
def test_bytes_have_a_binary_unit(count: int, text: str) -> None:
    assert words.size(count).replace(SPACE, " ") == text


def test_counts_have_their_noun() -> None:
    assert [words.plural(1, "picture"), words.plural(12_400, "picture")] == ["1 picture", "12,400 pictures"]
    assert [words.article("circle"), words.article("Ape")] == ["a", "an"]


def test_an_address_loses_its_scheme() -> None:
    assert words.bare("https://shop.example/1.jpg") == "shop.example/1.jpg"
    assert words.bare("nonsense") == "nonsense"


def test_backticks_become_code_and_everything_else_is_text() -> None:
    text = 'Send `{"url"}`, never <script>`<b>`</script>.'
    assert words.codes(text) == (
        "Send <code>{&#34;url&#34;}</code>, never &lt;script&gt;<code>&lt;b&gt;</code>&lt;/script&gt;."
    )
