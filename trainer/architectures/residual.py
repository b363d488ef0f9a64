"""A compact residual network with pre-activation (He et al. 2016, arXiv:1603.05027) for small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from trainer.architectures.architecture import answer, architectures

# How much of batch norm's running averages stays at each step; Keras's 0.99 is too slow for short trainings.
MOMENTUM = 0.9


@architectures.register("residual")
def residual(
    shape: tuple[int, int, int],
    labels: int,
    *,
    filters: Sequence[int] = (16, 32, 64),
    blocks: int = 1,
    dropout: float = 0.1,
) -> Any:
    """Returns the network.

    Args:
        shape: (height, width, channels) of the input.
        labels: number of outputs; 1 is a single sigmoid.
        filters: of each stage; between two of them the picture is halved.
        blocks: residual blocks in each stage, of two convolutions each.
        dropout: share of the features left out in training, before the last layer.
    """
    inputs = keras.Input(shape)
    features = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(inputs)
    for stage, count in enumerate(filters):
        for block in range(blocks):
            features = _block(features, count, stride=2 if stage and not block else 1)
    features = layers.GlobalAveragePooling2D()(_normed(features))
    return keras.Model(inputs, answer(layers.Dropout(dropout)(features), labels), name="residual")


def _block(features: Any, count: int, stride: int) -> Any:
    normed = _normed(features)
    if features.shape[-1] != count or stride != 1:
        features = layers.Conv2D(count, 1, strides=stride, use_bias=False)(normed)
    change = layers.Conv2D(count, 3, strides=stride, padding="same", use_bias=False)(normed)
    change = layers.Conv2D(count, 3, padding="same", use_bias=False)(_normed(change))
    return layers.Add()([features, change])


def _normed(features: Any) -> Any:
    return layers.ReLU()(layers.BatchNormalization(momentum=MOMENTUM)(features))
