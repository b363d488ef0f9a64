"""The timeline of a model: its chart and its two tables."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.pages.time_axis import time_axis
from api.pages.timeline_chart import timeline_chart
from api.pages.versions import version_rows
from shared.registry import GateRule, GateVerdict, Metrics, Period, SplitMetrics
from tests.support.page_world import PageWorld

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY_S = 24 * 3600


def publish(world: PageWorld, version: int, accuracy: float, days: float, **differing: Any) -> None:
    side = SplitMetrics(accuracy=accuracy, loss=0.05, count=400)
    created = START + timedelta(days=days)
    world.publish(
        "pets", version, ("cat", "dog"), serve=False, created_at=created, metrics=Metrics(test=side), **differing
    )


def period(version: int, since: float, until: float | None = None) -> Period:
    end = None if until is None else START + timedelta(days=until)
    return Period(version, START + timedelta(days=since), end)


def verdict(*, passed: bool) -> GateVerdict:
    rule = GateRule(rule="min_gain", limit=0.0, value=-0.02, passed=passed)
    return GateVerdict(
        policy="if_better",
        passed=passed,
        code="better" if passed else "not_better",
        reason="It is worse.",
        champion=1,
        accuracy=0.9,
        champion_accuracy=0.92,
        count=400,
        rules=[rule],
    )


def test_the_line_is_the_version_that_answered(world: PageWorld) -> None:
    for version, accuracy, days in ((1, 0.9, 0), (2, 0.94, 5), (3, 0.92, 8)):
        publish(world, version, accuracy, days)
    periods = [period(1, 8), period(2, 5, 8), period(1, 0, 5)]
    now = (START + timedelta(days=10)).timestamp()
    with world.app.app_context():
        chart = timeline_chart(version_rows("pets", None), periods, now)
    assert [(dot.x, dot.name) for dot in chart.dots] == [(0, "v1"), (50, "v2"), (80, "v3")]
    low, high = (f"{chart.dots[index].y * 10:.0f}" for index in (0, 1))
    assert chart.answered == [f"0,{low} 500,{low} 500,{high} 800,{high} 800,{low} 1000,{low}"]


def test_a_deleted_version_leaves_a_gap(world: PageWorld) -> None:
    publish(world, 1, 0.9, 0)
    periods = [period(1, 8), period(2, 5, 8), period(1, 0, 5)]
    with world.app.app_context():
        chart = timeline_chart(version_rows("pets", None), periods, (START + timedelta(days=10)).timestamp())
    assert [line.count(" ") for line in chart.answered] == [1, 1]


def test_names_that_would_run_into_each_other_are_left_out(world: PageWorld) -> None:
    for version, days in ((1, 0.0), (2, 9.9), (3, 10.0)):
        publish(world, version, 0.9, days)
    with world.app.app_context():
        chart = timeline_chart(version_rows("pets", None), [], (START + timedelta(days=10)).timestamp())
    assert [dot.name for dot in chart.dots] == ["v1", "", "v3"]


@pytest.mark.parametrize(
    ("span_s", "texts"),
    [
        (5, ["12:00"]),
        (3 * 3600, ["12:00", "13:00", "14:00", "15:00"]),
        (8 * DAY_S, ["2 Mar", "4 Mar", "6 Mar", "8 Mar"]),
        (300 * DAY_S, ["Mar 2026", "Jun 2026", "Sep 2026", "Dec 2026"]),
        (40 * 365 * DAY_S, []),
    ],
)
def test_an_axis_has_a_few_round_times(span_s: float, texts: list[str]) -> None:
    axis = time_axis(START.timestamp(), START.timestamp() + span_s)
    shown = [tick.text for tick in axis.ticks]
    assert 1 <= len(shown) <= 5
    assert shown[: len(texts)] == texts
    assert all(0 <= tick.at <= 100 for tick in axis.ticks)


def test_the_page_says_who_answered_when_and_what_the_gate_said(world: PageWorld, browser: FlaskClient) -> None:
    publish(world, 1, 0.92, 0)
    publish(world, 2, 0.9, 1, gate=verdict(passed=False))
    publish(world, 3, 0.95, 2, gate=verdict(passed=True))
    for version in (1, 3, 1):
        world.registry.promote("pets", version)
    page = browser.get("/models/pets/timeline").text
    assert '<a class="pill failed" href="/models/pets/2#gate" title="It is worse.">refused</a>' in page
    assert "−2.0 against v1" in page
    who = page[page.index('id="who"') :]
    assert re.findall(r'href="/models/pets/(\d)">v\d<', who) == ["1", "3", "1"]
    assert who.count("went back to it") == 1
    assert who.count("answers now") == 1
    assert 'href="/models/pets/3/promote"' in page
    assert 'href="/models/pets/1/promote"' not in page
    assert "It took 2 changes to get there." in page
    assert 'href="/models/pets/timeline"' in browser.get("/models/pets").text


def test_a_version_that_no_worker_could_load_answered_nobody(world: PageWorld, browser: FlaskClient) -> None:
    publish(world, 1, 0.9, 0)
    publish(world, 2, 0.95, 1)
    world.registry.promote("pets", 1)
    broken = world.registry.promote("pets", 2)
    world.registry.go_back("pets", broken, 1, "The self-test answers otherwise.")
    page = browser.get("/models/pets/timeline").text
    who = page[page.index('id="who"') :]
    assert "came back, as v2 could not be loaded" in who
    assert '<span class="pill failed">could not be loaded</span>' in who
    assert "The self-test answers otherwise." in who
    # The line stays with the version that went on answering
    (points,) = re.findall(r'<polyline class="line val_accuracy" points="([^"]+)"', page)
    assert len({point.split(",")[1] for point in points.split()}) == 1


def test_a_version_that_answered_and_was_deleted_is_named(world: PageWorld, browser: FlaskClient) -> None:
    for version in (1, 2):
        publish(world, version, 0.9, version)
        world.registry.promote("pets", version)
    world.registry.delete("pets", 1)
    who = browser.get("/models/pets/timeline").text
    who = who[who.index('id="who"') :]
    assert '<th role="rowheader" scope="row">v1</th>' in who


def test_a_model_that_never_answered_says_what_to_do(world: PageWorld, browser: FlaskClient) -> None:
    publish(world, 1, 0.9, 0)
    page = browser.get("/models/pets/timeline").text
    assert "No version answers yet." in page
    assert "Serve one of the versions above." in page


def test_a_model_that_is_not_there_is_said_by_its_code(browser: FlaskClient) -> None:
    for name in ("nobody", "Odd"):
        page = browser.get(f"/models/{name}/timeline")
        assert page.status_code == 404
        assert "<code>model_not_found</code>" in page.text
