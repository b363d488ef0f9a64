"""A compact residual network for small pictures.

Batch norm and residual connections after He et al. 2015 (arXiv:1512.03385). What tells small pictures apart is fine and
has its place: the first stage works at full size, and the last layer sees where a feature was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from trainer.architectures.architecture import answer, architectures
from trainer.batch_norm import MOMENTUM


@architectures.register("residual")
def residual(
    shape: tuple[int, int, int],
    labels: int,
    *,
    filters: Sequence[int] = (24, 48, 96),
    blocks: int = 1,
    dropout: float = 0.1,
    batch_norm: type[layers.BatchNormalization] = layers.BatchNormalization,
) -> Any:
    """Returns the network.

    Args:
        shape: (height, width, channels) of the input.
        labels: number of outputs; 1 is a single sigmoid.
        filters: of each stage; between two of them the picture is halved.
        blocks: residual convolutions in each stage.
        dropout: share of the features left out in training, before the last layer.
        batch_norm: Keras's layer, or one with its variables.
    """
    inputs = keras.Input(shape)
    features = inputs
    for stage, count in enumerate(filters):
        features = _convolution(_halved(features) if stage else features, count, batch_norm)
        for _ in range(blocks):
            features = layers.Add()([features, _convolution(features, count, batch_norm)])
    # Of like size, or the last layer learns slowly: sums of residuals are large.
    features = batch_norm(momentum=MOMENTUM)(layers.Flatten()(_halved(features)))
    features = layers.Dropout(dropout)(features)
    return keras.Model(inputs, answer(features, labels), name="residual")


def _halved(features: Any) -> Any:
    return layers.MaxPooling2D(padding="same")(features)


def _convolution(features: Any, count: int, batch_norm: type[layers.BatchNormalization]) -> Any:
    features = layers.Conv2D(count, 3, padding="same", use_bias=False)(features)
    return layers.ReLU()(batch_norm(momentum=MOMENTUM)(features))
