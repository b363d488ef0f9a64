"""A Keras model that tells the cats and dogs of `tests.support.toy_versions` apart by their colour, untrained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

# Cats have a blue square, dogs a green one; the weights of red, green and blue.
CAT_BY_COLOUR = np.array([0.0, -40.0, 40.0], np.float32)


def colour_model(head: str = "softmax", *, swapped: bool = False, side: int = 24, outputs: int = 2) -> Any:
    """Returns the model.

    Args:
        head: activation of the last layer; `sigmoid` has one output, the second class's.
        swapped: whether its classes are dog, cat.
        side: of its input, in pixels.
        outputs: of its last layer; more than 2 know nothing.
    """
    import keras
    from keras import layers

    last = layers.Dense(1 if head == "sigmoid" else outputs, activation=head)
    inputs = keras.Input((side, side, 3))
    model = keras.Model(inputs, last(layers.GlobalAveragePooling2D()(inputs)))
    first = -CAT_BY_COLOUR if swapped else CAT_BY_COLOUR
    if head == "sigmoid":
        last.set_weights([-first[:, None], np.zeros(1, np.float32)])
    elif outputs == 2:
        last.set_weights([np.stack([first, -first], axis=1), np.zeros(2, np.float32)])
    return model


def save_model(model: Any, path: Path) -> Path:
    """Saves a model and returns where."""
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    return path
