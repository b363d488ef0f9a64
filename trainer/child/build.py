"""The model of a recipe, from a seed."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from shared.recipes import Recipe, Value
from trainer.architectures.architecture import architectures
from trainer.architectures.mobilenet_v2 import BACKBONE
from trainer.batch_norm import FusedBatchNormalization


def prepare_tensorflow(seed: int) -> None:
    """Makes two trainings of one seed end with identical weights, and takes a GPU's memory as it is needed.

    Determinism costs nothing that could be measured.
    """
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(seed)


def build(recipe: Recipe, settings: Mapping[str, Value], labels: int, *, learning: bool = False) -> Any:
    """Returns the recipe's model, untrained but for a backbone's weights.

    Args:
        labels: number of classes.
        learning: make the one that learns: in the precision that `settings` ask for, with the faster batch norm. Its
            weights are the other one's too, in 32 bits and in the same order; that one is served and published.
    """
    to = recipe.input
    make = architectures.get(recipe.architecture)
    taken = inspect.signature(make).parameters
    options: dict[str, Any] = {name: settings[name] for name in taken if name in settings}
    if learning and "batch_norm" in taken:
        options["batch_norm"] = FusedBatchNormalization
    outputs = 1 if recipe.activation == "sigmoid" else labels
    keras.config.set_dtype_policy("mixed_float16" if learning and settings.get("mixed_precision") else "float32")
    try:
        return make((to.height, to.width, to.channels), outputs, **options, **recipe.architecture_options)
    finally:
        keras.config.set_dtype_policy("float32")


def mirrored(model: Any) -> Any:
    """Returns a model that answers with the mean of what `model` says of a picture and of its mirror image.

    After Simonyan and Zisserman 2014 (arXiv:1409.1556, 3.2), who do so with their flipped test pictures.
    """
    inputs = keras.Input(model.input_shape[1:])
    mean = keras.layers.Average(dtype="float32")([model(inputs), model(keras.ops.flip(inputs, axis=2))])
    return keras.Model(inputs, mean, name=f"mirrored_{model.name}")


def freeze(model: Any, *, frozen: bool) -> None:
    """Freezes or frees the backbone of a model that has one.

    Its batch norms stay frozen: what they know of a million photos is better than what a few hundred could teach them.
    """
    if BACKBONE not in {layer.name for layer in model.layers}:
        return
    backbone = model.get_layer(BACKBONE)
    backbone.trainable = not frozen
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def make_optimizer(settings: Mapping[str, Value]) -> Any:
    """Returns the optimizer that a recipe's parameters ask for; its learning rate is set step by step."""
    kind = settings.get("optimizer", "adam")
    if kind == "sgd":
        return keras.optimizers.SGD(momentum=0.9, nesterov=True)
    if kind == "adamw":
        return keras.optimizers.AdamW(weight_decay=float(settings.get("weight_decay", 0.0)))
    return keras.optimizers.Adam()
