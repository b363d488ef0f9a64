"""Which pictures an epoch shows: every balance, and nothing but (seed, epoch) decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.child.balance import balance_report, class_weights
from trainer.child.order import Order

# 12 pictures of class 0 and 5 of class 1; the rest is not trained on.
TARGETS = np.array([0] * 14 + [1] * 6)
TRAIN = np.array([*range(12), *range(14, 19)])
COUNTS = np.array([12, 5])


def order(**changes: Any) -> Order:
    fields: dict[str, Any] = {"balance": "none", "size": 4, "steps": 0, "seed": 5}
    return Order(TARGETS, TRAIN, **{**fields, **changes})


def places(found: Order, epoch: int = 1) -> NDArray[np.int64]:
    return np.concatenate([chosen for chosen, _ in found.epoch(epoch)])


def test_an_epoch_shows_every_training_picture_once() -> None:
    found = order()
    assert len(found) == 5
    assert [len(chosen) for chosen, _ in found.epoch(1)] == [4, 4, 4, 4, 1]
    assert sorted(places(found)) == sorted(TRAIN)
    assert all(np.array_equal(chosen, numbers) for chosen, numbers in found.epoch(1))


def test_an_epoch_can_be_made_again_without_the_ones_before() -> None:
    used = order()
    places(used, 1)
    assert np.array_equal(places(used, 2), places(order(), 2))
    assert not np.array_equal(places(used, 1), places(used, 2))
    assert not np.array_equal(places(used, 1), places(order(seed=6), 1))


def test_undersampling_shows_as_many_of_each_class_and_others_each_time() -> None:
    found = order(balance="undersample")
    assert np.bincount(TARGETS[places(found)]).tolist() == [5, 5]
    seen = {int(place) for epoch in range(1, 20) for place in places(found, epoch)}
    assert seen == set(TRAIN.tolist())


def test_oversampling_shows_rare_pictures_again_as_pictures_of_their_own() -> None:
    found = order(balance="oversample")
    shown = places(found)
    assert np.bincount(TARGETS[shown]).tolist() == [12, 12]
    assert set(shown) == set(TRAIN)
    assert np.bincount(shown)[14:19].max() <= 3
    numbers = np.concatenate([numbers for _, numbers in found.epoch(1)])
    assert len(set(numbers)) == 24
    assert np.array_equal(numbers % len(TARGETS), shown)


def test_steps_go_on_with_another_pass() -> None:
    found = order(steps=10)
    assert len(found) == 10
    assert [len(chosen) for chosen, _ in found.epoch(1)] == [4] * 10
    shown = places(found)
    assert sorted(shown[:17]) == sorted(TRAIN)
    assert sorted(shown[17:34]) == sorted(TRAIN)
    assert not np.array_equal(shown[:17], shown[17:34])
    assert len(places(order(steps=2))) == 8


def test_a_batch_is_never_larger_than_a_pass() -> None:
    assert [len(chosen) for chosen, _ in order(size=1000).epoch(1)] == [17]


def test_class_weights_make_up_for_rarity_and_keep_the_loss_as_it_is_on_the_whole() -> None:
    weights = class_weights(COUNTS, "class_weight")
    assert weights[1] / weights[0] == pytest.approx(12 / 5)
    assert (weights * COUNTS).sum() == pytest.approx(COUNTS.sum())
    assert class_weights(COUNTS, "oversample").tolist() == [1, 1]


def test_the_balance_is_reported_in_the_classes_own_names() -> None:
    assert balance_report(COUNTS, ("cat", "dog"), "undersample") == {
        "balance": "undersample",
        "imbalance": 2.4,
        "counts": {"cat": 12, "dog": 5},
        "shown": {"cat": 5, "dog": 5},
        "weights": {"cat": 1.0, "dog": 1.0},
    }
    weights = balance_report(COUNTS, ("cat", "dog"), "class_weight")["weights"]
    assert weights == {"cat": 0.7083, "dog": 1.7}
