"""Blocks of convolutions with dropout after each, as VGG has them (arXiv:1409.1556), for small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from trainer.architectures.architecture import answer, architectures


@architectures.register("two_blocks")
def two_blocks(
    shape: tuple[int, int, int],
    labels: int,
    *,
    filters: Sequence[int] = (32, 64),
    convolutions: int = 2,
    dense: int = 512,
    dropout: float = 0.25,
) -> Any:
    """Returns the network.

    Args:
        shape: (height, width, channels) of the input.
        labels: number of outputs; 1 is a single sigmoid.
        filters: of each block; after each the picture is halved.
        convolutions: in each block, 3 x 3.
        dense: units of the layer before the last.
        dropout: share of the features left out in training, after each block; twice that before the last layer.
    """
    inputs = keras.Input(shape)
    features = inputs
    for count in filters:
        for _ in range(convolutions):
            features = layers.Conv2D(count, 3, padding="same", activation="relu")(features)
        features = layers.Dropout(dropout)(layers.MaxPooling2D()(features))
    features = layers.Dense(dense, activation="relu")(layers.Flatten()(features))
    features = layers.Dropout(min(0.9, 2 * dropout))(features)
    return keras.Model(inputs, answer(features, labels), name="two_blocks")
