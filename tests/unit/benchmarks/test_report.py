"""The tables of docs/benchmarks.md, and the memory figures in them."""

from __future__ import annotations

import pytest

from benchmarks.report import DOCUMENT, filled, results, settings
from benchmarks.support.rss import EARLY, LATE, MIDDLE, READY, figures
from benchmarks.support.tuned import grid, tried

RECORD = {
    "at": "2026-03-01T12:00:00+00:00",
    "machine": {"cores": 2, "processor": "Toy", "memory_gib": 8, "python": "3.11.7"},
    "checks": [
        {"what": "times a peer", "value": 2.512, "least": 2.5, "most": None, "passed": True},
        {"what": "times idle", "value": 5.0, "least": None, "most": 4, "passed": False},
    ],
}


def test_every_check_has_a_row_that_says_whether_it_was_reached() -> None:
    text = results({"latency": RECORD})
    assert "| times a peer | 2.51 | ≥ 2.5 | reached |" in text
    assert "| times idle | 5 | ≤ 4 | **missed** |" in text
    assert "2 cores (Toy)" in text


def test_a_comparison_begins_with_its_contestants_fastest_first() -> None:
    rates = {name: {"median": rate, "low": rate, "high": rate} for name, rate in {"Slow": 10.0, "Fast": 20.0}.items()}
    text = results({"compare": {**RECORD, "rounds": 5, "rates": rates, "alone_ms": {"Slow": {"median": 4.25}}}})
    assert text.index("| Fast | 20 | 20 to 20 |  |") < text.index("| Slow | 10 | 10 to 10 | 4.2 ms |")


def test_settings_are_listed_fastest_first() -> None:
    found = tried(grid(workers=(1, 2), batch=(8,)), lambda one: 100.0 * one["workers"])
    assert settings({"tried": {"Peer": found}}).splitlines()[2:] == [
        "| Peer | workers 2, batch 8 | 200 |",
        "| Peer | workers 1, batch 8 | 100 |",
    ]


def test_a_part_of_a_document_is_replaced_and_the_rest_is_kept() -> None:
    text = "before\n<!-- x -->\nold\n<!-- end of x -->\nafter\n"
    assert filled(text, {"x": "new"}) == "before\n<!-- x -->\nnew\n<!-- end of x -->\nafter\n"
    with pytest.raises(ValueError, match="<!-- y -->"):
        filled(text, {"y": "new"})


def test_the_document_has_all_the_parts() -> None:
    assert filled(DOCUMENT.read_text(), {"results": "figures", "settings": "choices"})


def test_growth_compares_the_last_tenth_with_the_second() -> None:
    found = figures({READY: [50.0, 60.0], EARLY: [100.0, 100.0], MIDDLE: [180.0], LATE: [110.0, 110.0, 150.0]})
    assert found == {"ready_mb": 50.0, "peak_mb": 180.0, "growth": pytest.approx(0.1)}
