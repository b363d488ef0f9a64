from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from shared.schedules.timetable import Timetable, check_timezone, tidy_cron

HOUR = 3600
DAY = 24 * HOUR


def at(zone: str, *parts: int, fold: int = 0) -> float:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).timestamp()  # type: ignore[misc, arg-type]


def slots(cron: str, zone: str, first: float, last: float) -> list[float]:
    """Returns the slots after `first`, up to `last`."""
    found: list[float] = []
    table = Timetable(cron, zone)
    slot = table.next_after(first)
    while slot is not None and slot <= last:
        found.append(slot)
        slot = table.next_after(slot)
    return found


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 3 * * 1", (2026, 11, 23, 3, 0)),
        ("0 3 * * MON", (2026, 11, 23, 3, 0)),
        ("0 3 * * 7", (2026, 11, 22, 3, 0)),
        ("0 3 * * 0", (2026, 11, 22, 3, 0)),
        ("*/20 * * * *", (2026, 11, 21, 12, 20)),
        ("0 0 1 JAN *", (2027, 1, 1, 0, 0)),
        # Day of month or day of week: cron takes either, where both are given.
        ("0 0 25 * 2", (2026, 11, 24, 0, 0)),
        ("0 0 L * *", (2026, 11, 30, 0, 0)),
    ],
)
def test_cron_means_what_it_means_elsewhere(cron: str, expected: tuple[int, ...]) -> None:
    # A Saturday.
    now = at("Europe/Paris", 2026, 11, 21, 12, 0)
    assert Timetable(cron, "Europe/Paris").next_after(now) == at("Europe/Paris", *expected)


def test_a_zone_has_hours_of_its_own() -> None:
    now = at("UTC", 2026, 11, 21, 12, 0)
    assert Timetable("0 3 * * *", "Asia/Tokyo").next_after(now) == at("UTC", 2026, 11, 21, 18, 0)


def test_a_time_that_the_clocks_skip_is_due_once_right_after() -> None:
    # Paris goes from 2:00 to 3:00.
    first = at("Europe/Paris", 2026, 3, 28, 12, 0)
    found = slots("30 2 * * *", "Europe/Paris", first, first + 2 * DAY)
    assert found == [at("Europe/Paris", 2026, 3, 29, 3, 0), at("Europe/Paris", 2026, 3, 30, 2, 30)]


def test_a_time_that_the_clocks_show_twice_is_due_once() -> None:
    # Paris goes from 3:00 back to 2:00.
    first = at("Europe/Paris", 2026, 10, 24, 12, 0)
    found = slots("30 2 * * *", "Europe/Paris", first, first + 2 * DAY)
    assert found == [at("Europe/Paris", 2026, 10, 25, 2, 30), at("Europe/Paris", 2026, 10, 26, 2, 30)]


def test_nothing_is_due_again_when_asked_within_the_hour_shown_twice() -> None:
    second_time = at("Europe/Paris", 2026, 10, 25, 2, 10, fold=1)
    next_day = at("Europe/Paris", 2026, 10, 26, 2, 30)
    assert Timetable("30 2 * * *", "Europe/Paris").next_after(second_time) == next_day


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)])
def test_what_is_due_every_quarter_keeps_its_pace_when_clocks_change(day: tuple[int, int, int]) -> None:
    first = at("Europe/Paris", *day, 0, 0)
    found = slots("*/15 * * * *", "Europe/Paris", first, first + 6 * HOUR)
    assert {later - earlier for earlier, later in pairwise(found)} == {900}


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Europe/Paris", [(3, 28), (10, 24)]),
        ("America/New_York", [(3, 7), (10, 31)]),
        ("Australia/Lord_Howe", [(4, 4), (10, 3)]),
        ("Africa/Cairo", [(4, 23), (10, 29)]),
    ],
)
@pytest.mark.parametrize("cron", ["30 2 * * *", "0,30 1-3 * * *", "*/7 1-3 * * *", "30 0 * * *", "0 */2 * * *"])
def test_the_next_slot_is_the_same_from_wherever_one_looks(zone: str, days: list[tuple[int, int]], cron: str) -> None:
    for day in days:
        first = at(zone, 2026, *day, 12, 0)
        known = slots(cron, zone, first, first + 4 * DAY)
        for time in range(int(first), int(first + 2 * DAY), 1310):
            assert Timetable(cron, zone).next_after(time) == next(slot for slot in known if slot > time)


def test_the_fields_of_an_expression_are_set_apart_by_one_space() -> None:
    assert tidy_cron("  0\t3  * *   mon ") == "0 3 * * mon"


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "daily",
        "@daily",
        "0 3 * *",
        "0 0 3 * * 1",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "0 0 30 2 *",
        "0 0 31 4,6 *",
        "L * * * *",
        "-1 * * * *",
        "² * * * *",
        f"{'9' * 5000} * * * *",
    ],
)
def test_tidy_cron_errors(cron: str) -> None:
    with pytest.raises(ValueError, match=r"^Expected .*"):
        tidy_cron(cron)


@pytest.mark.parametrize("name", ["", "Paris", "europe/paris", "Europe", "../Europe/Paris", "/etc/localtime", "UTC+1"])
def test_check_timezone_errors(name: str) -> None:
    with pytest.raises(ValueError, match=r"^Expected .*"):
        check_timezone(name)


@pytest.mark.parametrize("name", ["UTC", "Europe/Paris", "America/Argentina/Buenos_Aires"])
def test_zones_go_by_their_names(name: str) -> None:
    assert check_timezone(name) == name
