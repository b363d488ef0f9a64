"""The model of a recipe, compiled, from a seed."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from trainer.architectures.architecture import architectures
from trainer.recipes.recipe import Recipe, Value

WARMUP_SHARE = 0.1
# The learning rate's start and end, as a share of its height.
LOWEST_SHARE = 0.02


def be_deterministic(seed: int) -> None:
    """Makes two trainings of one seed end with identical weights. Measured cost: within noise."""
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def build(recipe: Recipe, settings: dict[str, Value], labels: int, steps: int) -> Any:
    """Returns the recipe's model, compiled.

    Args:
        labels: number of classes.
        steps: of the whole training, which the learning rate's rise and fall are stretched over.
    """
    to = recipe.input
    architecture = architectures.get(recipe.architecture)
    model = architecture((to.height, to.width, to.channels), labels, **recipe.architecture_options)
    model.compile(
        keras.optimizers.Adam(_schedule(float(settings["learning_rate"]), steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return model


def _schedule(height: float, steps: int) -> Any:
    """Returns a linear rise and a cosine fall (Loshchilov and Hutter 2017, arXiv:1608.03983)."""
    warmup = max(1, round(steps * WARMUP_SHARE))
    return keras.optimizers.schedules.CosineDecay(
        height * LOWEST_SHARE,
        max(1, steps - warmup),
        alpha=LOWEST_SHARE,
        warmup_target=height,
        warmup_steps=warmup,
    )
