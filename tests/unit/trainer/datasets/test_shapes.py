from __future__ import annotations

import numpy as np
import pytest

from trainer.datasets.drawing.backgrounds import BACKGROUNDS
from trainer.datasets.drawing.colors import FAINTEST, color_pair, contrast
from trainer.datasets.drawing.outlines import OUTLINES, turned
from trainer.datasets.shapes import LABELS, SIDE, Shapes


def test_a_picture_depends_on_seed_and_index_alone() -> None:
    alone, _ = Shapes(count=10, seed=3).read(7)
    one_of_many = Shapes(count=1000, seed=3)
    one_of_many.read(6)
    assert np.array_equal(alone, one_of_many.read(7)[0])
    assert not np.array_equal(alone, Shapes(count=10, seed=4).read(7)[0])
    assert not np.array_equal(alone, Shapes(count=10, seed=3).read(3)[0])


def test_classes_come_in_turn_and_pictures_are_rgb() -> None:
    source = Shapes(count=8, seed=0)
    assert LABELS == ("circle", "square", "star", "triangle")
    assert [source.read(index)[1] for index in range(len(source))] == [0, 1, 2, 3, 0, 1, 2, 3]
    picture, _ = source.read(0)
    assert picture.shape == (SIDE, SIDE, 3)
    assert picture.dtype == np.uint8


def test_there_is_something_to_see_in_every_picture() -> None:
    source = Shapes(count=60, seed=1)
    for index in range(60):
        picture = source.read(index)[0].astype(int)
        assert (picture.max(axis=(0, 1)) - picture.min(axis=(0, 1))).max() >= FAINTEST - 4


@pytest.mark.parametrize("name", sorted(OUTLINES))
def test_an_outline_reaches_a_distance_of_one_and_no_further(name: str) -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        points = OUTLINES[name](rng)
        reach = np.hypot(points[:, 0], points[:, 1])
        assert 0.9 < reach.max() < 1.0001
        assert np.allclose(np.hypot(*turned(points, 1.0).T), reach)


@pytest.mark.parametrize("name", sorted(BACKGROUNDS))
def test_a_background_covers_the_picture_and_stays_small(name: str) -> None:
    made = np.broadcast_to(BACKGROUNDS[name][0](np.random.default_rng(0), 32), (32, 32, 3))
    assert made.dtype == np.float32
    assert np.abs(made).mean() <= 1


def test_colors_are_never_closer_than_the_faintest() -> None:
    rng = np.random.default_rng(0)
    distances = [contrast(*color_pair(rng)) for _ in range(500)]
    assert min(distances) >= FAINTEST
    assert min(distances) < 30
    assert max(distances) > 200
