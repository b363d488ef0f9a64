"""A small convolutional network: a stack of convolution, batch norm, ReLU and pooling, then one dense layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from trainer.architectures.architecture import answer, architectures
from trainer.batch_norm import MOMENTUM


@architectures.register("small_cnn")
def small_cnn(
    shape: tuple[int, int, int],
    labels: int,
    *,
    filters: Sequence[int] = (16, 32, 64, 64),
    dropout: float = 0.1,
    contrast: bool = False,
    batch_norm: type[layers.BatchNormalization] = layers.BatchNormalization,
) -> Any:
    """Returns a network of about 60,000 weights.

    Args:
        shape: (height, width, channels) of the input; each side at least 2 ** (len(filters) - 1).
        labels: number of outputs; 1 is a single sigmoid.
        filters: of each convolution; between two of them the picture is halved.
        dropout: share of the features left out in training.
        contrast: look at the distance from the picture's mean colour only, not at colours.
        batch_norm: Keras's layer, or one with its variables.
    """
    inputs = keras.Input(shape)
    features = _contrast(inputs) if contrast else inputs
    for index, count in enumerate(filters):
        if index:
            features = layers.MaxPooling2D()(features)
        features = layers.Conv2D(count, 3, padding="same", use_bias=False)(features)
        features = batch_norm(momentum=MOMENTUM)(features)
        features = layers.ReLU()(features)
    features = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(features))
    return keras.Model(inputs, answer(features, labels), name="small_cnn")


def _contrast(pictures: Any) -> Any:
    """Returns (n, height, width, 1): how far each pixel is from the mean colour, with mean 0 and deviation 1.

    Two-coloured pictures of one shape all look the same after this, whichever the colours and however faint.
    """
    offsets = pictures - ops.mean(pictures, axis=(1, 2), keepdims=True)
    # Again: of a faint picture the rounding of the first mean is a large part, and each runtime rounds otherwise.
    offsets = offsets - ops.mean(offsets, axis=(1, 2), keepdims=True)
    # The small number keeps the root away from 0, where its slope is infinite.
    distances = ops.sqrt(ops.sum(ops.square(offsets), axis=-1, keepdims=True) + 1e-8)
    return layers.GroupNormalization(groups=1, scale=False, center=False, epsilon=1e-6)(distances)
