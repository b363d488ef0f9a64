from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.pages.times import relative, zoned

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("timezone", "text"),
    [
        ("UTC", "Wed 2026-07-01 12:00 UTC"),
        ("Europe/Paris", "Wed 2026-07-01 14:00 CEST"),
        ("America/Sao_Paulo", "Wed 2026-07-01 09:00 UTC-03"),
        ("Pacific/Kiritimati", "Thu 2026-07-02 02:00 UTC+14"),
    ],
)
def test_a_time_is_told_in_its_zone(timezone: str, text: str) -> None:
    assert zoned(NOON, timezone) == text


@pytest.mark.parametrize(
    ("ahead_s", "text"),
    [
        (0, "just now"),
        (0.4, "in 1 second"),
        (40, "in 40 seconds"),
        (119, "in 119 seconds"),
        (150, "in 2 minutes"),
        (3 * 3600, "in 3 hours"),
        (47 * 3600, "in 47 hours"),
        (6.6 * 24 * 3600, "in 7 days"),
        (-7200, "2 hours ago"),
    ],
)
def test_how_far_away_a_time_is(ahead_s: float, text: str) -> None:
    assert relative(NOON + ahead_s, NOON) == text
