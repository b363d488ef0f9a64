"""MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) from keras.applications, with a new last layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from keras import layers

from shared.errors import TrainingFailed
from trainer.architectures.architecture import answer, architectures
from trainer.weights_file import check_weights

# The layer that holds what was learned elsewhere; it is frozen at first.
BACKBONE = "backbone"


@architectures.register("mobilenet_v2")
def mobilenet_v2(
    shape: tuple[int, int, int],
    labels: int,
    *,
    weights: str | None = None,
    alpha: float = 0.35,
    dropout: float = 0.2,
) -> Any:
    """Returns the network. Its input is from -1 to 1.

    Args:
        shape: (height, width, channels) of the input; each side at least 32, three channels.
        labels: number of outputs; 1 is a single sigmoid.
        weights: a file of this machine; None leaves chance ones.
        alpha: width of the network, as the weights have it.
        dropout: share of the features left out in training, before the last layer.

    Raises:
        TrainingFailed: the file holds other weights, or none.
    """
    backbone = keras.applications.MobileNetV2(
        input_shape=shape, alpha=alpha, include_top=False, weights=None, pooling="avg", name=BACKBONE
    )
    if weights is not None:
        _load(backbone, weights, alpha)
    inputs = keras.Input(shape)
    features = layers.Dropout(dropout)(backbone(inputs))
    return keras.Model(inputs, answer(features, labels), name="mobilenet_v2")


def _load(backbone: Any, weights: str, alpha: float) -> None:
    try:
        # Keras would follow what the file links to.
        check_weights(Path(weights))
        backbone.load_weights(weights)
    except Exception as error:
        # h5py and Keras have an error each for every way in which a file can be another one.
        raise TrainingFailed(
            f"params.weights: expected the weights of MobileNetV2 with alpha {alpha} and without its top, as Keras"
            f" publishes them, received {Path(weights).name}, which cannot be loaded: {error}"
        ) from error
