from __future__ import annotations

import pytest

from shared.errors import TooFewPictures
from shared.storage import Storage
from tests.support.imports import Imports
from tests.support.toy_versions import toy_version
from trainer.datasets.sides import hash_order, share, validation
from trainer.datasets.version import open_version


def test_a_share_is_rounded_and_at_least_one() -> None:
    assert [share(count, 0.2) for count in (1, 2, 7, 8, 100)] == [1, 1, 1, 2, 20]


def test_the_order_depends_on_name_seed_and_content() -> None:
    contents = [bytes([n]) * 32 for n in range(50)]
    order = hash_order("pets", 0, contents)
    assert sorted(order) == list(range(50))
    assert hash_order("pets", 0, contents) == order
    assert hash_order("pets", 1, contents) != order
    assert hash_order("other", 0, contents) != order
    # Where a picture stands among the others does not count.
    backwards = hash_order("pets", 0, contents[::-1])
    assert [49 - place for place in backwards] == order


def test_validation_is_taken_from_the_training_side_of_each_class(imports: Imports) -> None:
    toy_version(imports.storage, counts={"cat": 20, "dog": 40})
    version = open_version(imports.storage, "pets")

    train, validating = validation(version, 0.25)

    assert sorted([*train, *validating]) == version.train.tolist()
    assert [int((version.labels[validating] == label).sum()) for label in (0, 1)] == [4, 8]
    again, _ = validation(open_version(imports.storage, "pets"), 0.25)
    assert again.tolist() == train.tolist()


def test_a_class_with_one_training_picture_cannot_be_validated(imports: Imports) -> None:
    storage: Storage = imports.storage
    toy_version(storage, counts={"cat": 20, "dog": 2})
    with pytest.raises(TooFewPictures, match="'dog' has 1 pictures on the training side"):
        validation(open_version(storage, "pets"), 0.2)
