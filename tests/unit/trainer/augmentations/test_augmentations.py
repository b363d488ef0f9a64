"""Each augmentation keeps shape and type, changes something, and depends on its chance alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.recipes import Step, recipe, recipe_names
from trainer.augmentations.augmentation import Augment, augmentations
from trainer.augmentations.chance import DRAWS, uniform

OPTIONS: dict[str, dict[str, Any]] = {
    "affine": {"rotation": 20.0, "shear": 0.2, "zoom": 0.1, "shift": 0.1, "flip": True, "quarter_turn": True},
    "blur": {"blur": 2.0},
    "brightness": {"brightness": 0.2},
    "cutout": {"cutout": 0.4},
    "noise": {"noise": 0.1},
}
COUNT = 16


def pictures(channels: int = 3, height: int = 16, width: int = 16) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (COUNT, height, width, channels)).astype(np.uint8)


def chance(seed: int = 0) -> NDArray[np.float64]:
    return uniform(seed, 1, 0, np.arange(COUNT))


def affine(**options: Any) -> NDArray[np.uint8]:
    return augmentations.get("affine")(**options)(pictures(), chance())


def test_every_augmentation_is_tested() -> None:
    assert augmentations.names() == sorted(OPTIONS)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_change_keeps_shape_and_type_and_follows_its_chance(name: str, channels: int) -> None:
    change = augmentations.get(name)(**OPTIONS[name])
    before = pictures(channels)
    first = change(before.copy(), chance())
    assert (first.shape, first.dtype) == (before.shape, before.dtype)
    assert not np.array_equal(first, before)
    assert np.array_equal(first, change(before.copy(), chance()))
    assert not np.array_equal(first, change(before.copy(), chance(seed=1)))


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_change_of_no_strength_changes_nothing(name: str) -> None:
    assert np.array_equal(augmentations.get(name)()(pictures(), chance()), pictures())


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_picture_is_changed_as_it_would_be_alone(name: str) -> None:
    change = augmentations.get(name)(**OPTIONS[name])
    together, alone = change(pictures(), chance()), change(pictures()[3:4], chance()[3:4])
    assert np.array_equal(together[3], alone[0])


def test_a_flip_swaps_left_and_right_in_about_half() -> None:
    flipped = [
        not np.array_equal(after, before) and np.array_equal(after, before[:, ::-1])
        for before, after in zip(pictures(), affine(flip=True), strict=True)
    ]
    kept = [np.array_equal(after, before) for before, after in zip(pictures(), affine(flip=True), strict=True)]
    assert 4 <= sum(flipped) <= 12
    assert sum(flipped) + sum(kept) == COUNT


def test_quarter_turns_move_pixels_and_mix_none() -> None:
    for before, after in zip(pictures(), affine(quarter_turn=True), strict=True):
        assert any(np.array_equal(after, np.rot90(before, turns)) for turns in range(4))


def test_a_quarter_turn_needs_a_square() -> None:
    change = augmentations.get("affine")(quarter_turn=True)
    with pytest.raises(ValueError, match="expected square pictures, received 4 x 2"):
        change(np.zeros((1, 2, 4, 3), np.uint8), chance()[:1])


def test_a_shift_moves_the_whole_picture_and_draws_out_its_edge() -> None:
    for before, after, numbers in zip(pictures(), affine(shift=0.5), chance(), strict=True):
        right, down = np.rint((numbers[7:9] * 2 - 1) * 0.5 * 16).astype(int)
        there = after[max(down, 0) : 16 + min(down, 0), max(right, 0) : 16 + min(right, 0)]
        here = before[max(-down, 0) : 16 + min(-down, 0), max(-right, 0) : 16 + min(-right, 0)]
        # To whole pixels: none is mixed with its neighbours.
        assert np.array_equal(there, here)
    dot = np.zeros((1, 9, 9, 1), np.uint8)
    dot[0, 4, 4] = 255
    numbers = np.full((1, DRAWS), 0.5)
    numbers[0, 7], numbers[0, 8] = 1.0, 0.0
    after = augmentations.get("affine")(shift=2 / 9)(dot, numbers)
    assert np.argwhere(after[0, :, :, 0] == 255).tolist() == [[2, 6]]


def test_a_zoom_keeps_the_shape_only_where_that_is_asked_for() -> None:
    square = np.zeros((COUNT, 32, 32, 1), np.uint8)
    square[:, 8:24, 8:24] = 255

    def sides(**options: Any) -> NDArray[np.int64]:
        zoomed = augmentations.get("affine")(zoom=0.4, **options)(square.copy(), chance())[..., 0] > 127
        return np.stack([zoomed.any(axis=1).sum(axis=1), zoomed.any(axis=2).sum(axis=1)])

    assert np.abs(np.diff(sides(keep_shape=True), axis=0)).max() <= 1
    assert np.abs(np.diff(sides(), axis=0)).max() > 3


def test_what_is_to_stay_untouched_does() -> None:
    changed = affine(rotation=20.0, untouched=1.0)
    assert np.array_equal(changed, pictures())


def test_light_is_changed_alike_everywhere() -> None:
    flat = np.full((COUNT, 4, 4, 3), 100, np.uint8)
    changed = augmentations.get("brightness")(brightness=0.3)(flat, chance())
    assert len(np.unique(changed[:, 0, 0, 0])) > 4
    assert (changed == changed[:, :1, :1, :1]).all()


def test_chance_is_uniform_and_depends_on_all_that_it_is_for() -> None:
    many = uniform(7, 3, 1, np.arange(5000))
    assert many.shape == (5000, DRAWS)
    assert 0 <= many.min() < 0.001
    assert 0.999 < many.max() < 1
    assert np.abs(many.mean(axis=0) - 0.5).max() < 0.02
    assert np.abs(np.corrcoef(many.T) - np.eye(DRAWS)).max() < 0.06
    others = [uniform(8, 3, 1, np.arange(50)), uniform(7, 4, 1, np.arange(50)), uniform(7, 3, 2, np.arange(50))]
    for other in others:
        assert not np.isclose(other, many[:50]).any(axis=1).any()
    assert np.array_equal(uniform(7, 3, 1, np.array([42])), many[42:43])
    # Seeds of all 32 bits, where whole numbers wrap around.
    assert uniform(2**32 - 1, 1000, 9, np.array([2**40])).shape == (1, DRAWS)


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_s_changes_fit_its_input(name: str) -> None:
    found = recipe(name)
    to = found.input
    augment = Augment(found.augmentations, found.settings({}), seed=3)
    inputs = pictures(to.channels, to.height, to.width)
    first = augment(inputs.copy(), 1, np.arange(COUNT))
    assert first.shape == inputs.shape
    assert np.array_equal(first, augment(inputs.copy(), 1, np.arange(COUNT)))


@pytest.mark.parametrize("name", recipe_names())
def test_every_strength_of_a_recipe_is_some_change_s_option(name: str) -> None:
    found = recipe(name)
    strengths = {"rotation", "shear", "zoom", "shift", "flip", "quarter_turn", "blur", "noise", "brightness", "cutout"}
    known = {option for step in found.augmentations for option in OPTIONS[step.name]}
    assert strengths & set(found.params) <= known


def test_an_unknown_change_or_option_is_refused() -> None:
    with pytest.raises(TypeError, match="strength"):
        Augment([Step(name="blur", options={"strength": 1})], {}, 0)
