"""Each augmentation keeps shape and type, changes something, and depends on its generator alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.augmentations.augmentation import augmentations

OPTIONS = {"warp": {"degrees": 20, "zoom": 0.1, "shift": 0.1}}


def picture(channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (16, 16, channels)).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", augmentations.names())
def test_a_change_keeps_shape_and_type_and_follows_its_generator(name: str, channels: int) -> None:
    change = augmentations.get(name)(**OPTIONS.get(name, {}))
    before = picture(channels)
    results = [change(before, np.random.default_rng(seed)) for seed in range(8)]
    assert {(result.shape, result.dtype) for result in results} == {(before.shape, before.dtype)}
    assert any(not np.array_equal(result, before) for result in results)
    assert all(np.array_equal(a, change(before, np.random.default_rng(s))) for s, a in enumerate(results))
    assert np.array_equal(before, picture(channels))


def test_a_flip_swaps_left_and_right() -> None:
    results = [augmentations.get("flip")()(picture(), np.random.default_rng(seed)) for seed in range(8)]
    for result in results:
        assert np.array_equal(result, picture()) or np.array_equal(result, picture()[:, ::-1])


def test_a_quarter_turn_needs_a_square() -> None:
    with pytest.raises(ValueError, match="expected a square picture, received 4 x 2"):
        augmentations.get("quarter_turn")()(np.zeros((2, 4, 3), np.uint8), np.random.default_rng(0))


def test_a_warp_without_movement_changes_nothing() -> None:
    change = augmentations.get("warp")()
    assert all(np.array_equal(change(picture(), np.random.default_rng(seed)), picture()) for seed in range(8))
