from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from trainer.datasets.split import Split, split


def make(counts: list[int], *, seed: int = 0, name: str = "toy", test: float = 0.2, validation: float = 0.1) -> Split:
    targets = [target for target, count in enumerate(counts) for _ in range(count)]
    contents = [sha256(str(index).encode()).digest() for index in range(len(targets))]
    return split(targets, contents, name=name, seed=seed, test_fraction=test, validation_fraction=validation)


def test_each_class_is_split_in_the_given_shares() -> None:
    sides = make([50, 100])
    assert [len(side) for side in (sides.test, sides.validation, sides.train)] == [30, 12, 108]
    assert (sides.test < 50).sum() == 10
    assert (sides.validation < 50).sum() == 4


def test_every_picture_is_on_exactly_one_side() -> None:
    sides = make([7, 40, 3])
    together = np.concatenate([sides.train, sides.validation, sides.test])
    assert sorted(together.tolist()) == list(range(50))


def test_the_smallest_class_has_a_picture_on_every_side() -> None:
    sides = make([3, 3], test=0.01, validation=0.01)
    assert [len(side) for side in (sides.test, sides.validation, sides.train)] == [2, 2, 2]
    sides = make([3, 3], test=0.99, validation=0.5)
    assert [len(side) for side in (sides.test, sides.validation, sides.train)] == [2, 2, 2]


def test_a_class_of_two_is_too_small() -> None:
    with pytest.raises(ValueError, match="expected at least 3 pictures, received 2"):
        make([3, 2])


def test_the_split_follows_name_and_seed_and_not_the_order_of_pictures() -> None:
    assert np.array_equal(make([50]).test, make([50]).test)
    assert not np.array_equal(make([50]).test, make([50], seed=1).test)
    assert not np.array_equal(make([50]).test, make([50], name="other").test)
    contents = [sha256(str(index).encode()).digest() for index in range(50)]
    turned = split([0] * 50, contents[::-1], name="toy", seed=0, test_fraction=0.2, validation_fraction=0.1)
    assert sorted(49 - turned.test) == sorted(make([50]).test)
