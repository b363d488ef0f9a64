from __future__ import annotations

import numpy as np

from shared.preprocess_spec import PreprocessSpec
from trainer.child.batches import Batches
from trainer.datasets.pictures import Pictures, load_pictures
from trainer.datasets.spec import DatasetSpec
from trainer.recipes.recipe import Step

SPEC = PreprocessSpec(width=8, height=8, color="rgb", scale="-1..1")
STEPS = (Step(name="flip"), Step(name="warp", options={"degrees": 30}))


def pictures() -> Pictures:
    source = {"type": "generated", "name": "shapes", "count": 60}
    return load_pictures(DatasetSpec(name="toy", source=source), SPEC, 0.1)


def test_an_epoch_can_be_made_again_without_the_ones_before() -> None:
    toy = pictures()
    first = Batches(toy, 8, STEPS, to=SPEC, seed=5)
    list(first.epoch(1))
    again = Batches(toy, 8, STEPS, to=SPEC, seed=5)
    for (inputs, targets), (others, other_targets) in zip(first.epoch(2), again.epoch(2), strict=True):
        assert np.array_equal(inputs, others)
        assert np.array_equal(targets, other_targets)


def test_epochs_and_seeds_differ() -> None:
    toy = pictures()
    batches = Batches(toy, 8, STEPS, to=SPEC, seed=5)
    first, second = next(batches.epoch(1))[0], next(batches.epoch(2))[0]
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, next(Batches(toy, 8, STEPS, to=SPEC, seed=6).epoch(1))[0])


def test_batches_are_scaled_all_of_one_size_and_of_training_pictures_only() -> None:
    toy = pictures()
    assert len(toy.split.train) == 44
    batches = Batches(toy, 8, (), to=SPEC, seed=0)
    made = list(batches.epoch(1))
    assert len(made) == len(batches) == 5
    assert {inputs.shape for inputs, _ in made} == {(8, 8, 8, 3)}
    assert all(inputs.dtype == np.float32 and -1 <= inputs.min() <= inputs.max() <= 1 for inputs, _ in made)
    train = {(toy.inputs[i].astype(np.float32) / 127.5 - 1).tobytes() for i in toy.split.train}
    assert {one.tobytes() for inputs, _ in made for one in inputs} <= train


def test_a_batch_is_never_larger_than_the_training_side() -> None:
    assert len(Batches(pictures(), 1000, (), to=SPEC, seed=0)) == 1
