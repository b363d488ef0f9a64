from __future__ import annotations

import pytest

from shared.errors import InvalidRequest
from trainer.architectures.architecture import Architecture
from trainer.augmentations.augmentation import augmentations
from trainer.catalog import Catalog
from trainer.datasets.source import sources
from trainer.recipes.recipe import recipes


def test_every_file_of_a_kind_is_found_by_itself() -> None:
    assert "shapes" in recipes.names()
    assert {"flip", "quarter_turn", "warp"} <= set(augmentations.names())
    assert "generated" in sources.names()


def test_a_name_that_is_taken_is_refused() -> None:
    catalog: Catalog[Architecture] = Catalog("architecture", "trainer.recipes")
    catalog.register("net")(lambda: None)
    with pytest.raises(ValueError, match=r"architecture: .*'net', which is taken"):
        catalog.register("net")(lambda: None)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(InvalidRequest, match=r"expected one of .*shapes.*, received 'shape'") as caught:
        recipes.get("shape")
    assert [error.field for error in caught.value.errors] == ["recipe"]
