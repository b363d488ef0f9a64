"""What an architecture is: a function that builds an untrained Keras model, registered under its name.

It takes the input's (height, width, channels) and the number of classes, and options by name. The `keras.Model` it
returns takes scaled float32 pictures (n, height, width, channels) and answers probabilities (n, labels), or with one
label, for two classes, the second one's (n, 1). It is made of Keras's own layers and operations only, so that it loads
in safe mode where none of our code is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.catalog import Catalog

Architecture = Callable[..., Any]

architectures: Catalog[Architecture] = Catalog("architecture", "trainer.architectures")


def answer(features: Any, labels: int) -> Any:
    """Returns the last layer's output: probabilities (n, labels) by softmax, or one by sigmoid where `labels` is 1.

    In 32 bits whatever the rest computes in, as mixed precision needs it.
    """
    from keras import layers

    activation = "sigmoid" if labels == 1 else "softmax"
    return layers.Dense(labels, activation=activation, dtype="float32", name="answer")(features)
