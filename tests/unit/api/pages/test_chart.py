"""The geometry of a training's curve."""

from __future__ import annotations

from typing import Any

import pytest

from api.pages.chart import LABEL_GAP, MOST_TICKS, accuracy_curve
from shared.shares import SPACE


def history(*values: tuple[float, float]) -> list[dict[str, Any]]:
    return [{"epoch": n, "accuracy": a, "val_accuracy": v} for n, (a, v) in enumerate(values, 1)]


def test_there_is_no_curve_before_the_first_epoch_has_ended() -> None:
    assert accuracy_curve([], 12) is None


def test_the_axis_is_as_long_as_the_training_from_the_beginning() -> None:
    curve = accuracy_curve(history((0.5, 0.6), (0.7, 0.9)), 5)
    assert curve is not None
    assert [tick.text for tick in curve.x_ticks] == ["1", "2", "3", "4", "5"]
    assert [x for x, _ in curve.lines[0].dots] == [0.0, 25.0]


def test_the_share_axis_begins_below_the_smallest_value() -> None:
    curve = accuracy_curve(history((0.92, 0.96), (0.99, 0.98)), 2)
    assert curve is not None
    assert [tick.text.replace(SPACE, " ") for tick in curve.y_ticks] == ["90 %", "95 %", "100 %"]
    assert curve.lines[0].dots[0] == (0.0, 80.0)


def test_labels_of_lines_that_end_together_are_kept_apart() -> None:
    curve = accuracy_curve(history((0.5, 0.4), (0.981, 0.98)), 2)
    assert curve is not None
    training, validation = curve.lines
    assert validation.label_at - training.label_at == pytest.approx(LABEL_GAP)


def test_the_curve_can_be_read_as_text() -> None:
    curve = accuracy_curve(history((0.5, 0.4), (0.9, 0.8)), 2)
    assert curve is not None
    text = curve.text.replace(SPACE, " ")
    assert text == "training accuracy from 50.0 % to 90.0 %; validation accuracy from 40.0 % to 80.0 %"


def test_one_epoch_alone_is_a_dot() -> None:
    curve = accuracy_curve(history((0.5, 0.4)), 1)
    assert curve is not None
    assert curve.lines[0].points == f"0,{curve.lines[0].dots[0][1] * 10:.0f}"


def test_a_line_of_many_epochs_stays_small_and_keeps_its_end() -> None:
    curve = accuracy_curve(history(*[(n / 1000, n / 2000) for n in range(1000)]), 1000)
    assert curve is not None
    for line in curve.lines:
        assert len(line.points.split()) <= 240
        assert line.dots == ((100.0, line.end[1]),)


def test_ticks_of_few_epochs_leave_none_out_between_the_first_and_the_second() -> None:
    curve = accuracy_curve(history((0.5, 0.4)), 8)
    assert curve is not None
    assert [tick.text for tick in curve.x_ticks] == ["1", "2", "4", "6", "8"]


@pytest.mark.parametrize("epochs", [1, 2, 7, 12, 30, 99, 400, 5000])
def test_ticks_are_few_and_name_the_first_and_the_last_epoch(epochs: int) -> None:
    curve = accuracy_curve(history((0.5, 0.4)), epochs)
    assert curve is not None
    texts = [tick.text for tick in curve.x_ticks]
    assert len(texts) <= MOST_TICKS
    assert (texts[0], texts[-1]) == ("1", str(epochs))
