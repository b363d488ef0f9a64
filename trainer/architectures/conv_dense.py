"""The plain network of many courses: convolution and pooling, a few times, then one dense layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from trainer.architectures.architecture import answer, architectures


@architectures.register("conv_dense")
def conv_dense(
    shape: tuple[int, int, int],
    labels: int,
    *,
    filters: Sequence[int] = (32, 32),
    dense: int = 128,
    dropout: float = 0.0,
) -> Any:
    """Returns the network; at 64 x 64 with its defaults it has 814,000 weights.

    Args:
        shape: (height, width, channels) of the input.
        labels: number of outputs; 1 is a single sigmoid.
        filters: of each convolution, 3 x 3; after each the picture is halved.
        dense: units of the layer before the last.
        dropout: share of the features left out in training.
    """
    inputs = keras.Input(shape)
    features = inputs
    for count in filters:
        features = layers.Conv2D(count, 3, activation="relu")(features)
        features = layers.MaxPooling2D()(features)
    features = layers.Dense(dense, activation="relu")(layers.Flatten()(features))
    return keras.Model(inputs, answer(layers.Dropout(dropout)(features), labels), name="conv_dense")
