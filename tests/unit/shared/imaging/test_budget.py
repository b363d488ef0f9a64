from __future__ import annotations

import threading

import pytest

from shared.imaging import PixelBudget


def _start(budget: PixelBudget, pixels: int, entered: threading.Event, leave: threading.Event) -> threading.Thread:
    def hold() -> None:
        with budget.reserve(pixels):
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    return thread


def test_pictures_within_the_budget_are_decoded_together() -> None:
    budget = PixelBudget(100)

    with budget.reserve(60), budget.reserve(40):
        pass


def test_a_picture_waits_until_there_is_room() -> None:
    budget, entered, leave = PixelBudget(100), threading.Event(), threading.Event()
    leave.set()

    with budget.reserve(60):
        thread = _start(budget, 41, entered, leave)
        assert not entered.wait(0.05)

    assert entered.wait(5)
    thread.join(5)


def test_a_picture_larger_than_the_budget_waits_until_it_is_alone() -> None:
    budget, entered, leave = PixelBudget(100), threading.Event(), threading.Event()
    leave.set()

    with budget.reserve(1):
        _start(budget, 1_000, entered, leave)
        assert not entered.wait(0.05)

    assert entered.wait(5)


def test_a_large_picture_is_not_overtaken_by_small_ones_for_ever() -> None:
    budget, leave = PixelBudget(100), threading.Event()
    large, small = threading.Event(), threading.Event()

    with budget.reserve(60):
        _start(budget, 100, large, leave)
        while budget._next_ticket < 2:
            pass
        _start(budget, 10, small, leave)
        assert not small.wait(0.05)
    assert large.wait(5)
    leave.set()

    assert small.wait(5)


def test_room_is_given_back_when_decoding_fails() -> None:
    budget = PixelBudget(10)

    with pytest.raises(RuntimeError), budget.reserve(10):
        raise RuntimeError
    with budget.reserve(10):
        pass


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1, received 0"):
        PixelBudget(0)
