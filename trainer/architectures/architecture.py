"""What an architecture is: a function that builds an untrained Keras model, registered under its name.

It takes the input's (height, width, channels) and the number of classes, and options by name. The `keras.Model` it
returns takes scaled float32 pictures (n, height, width, channels) and answers probabilities (n, labels). It is made
of Keras's own layers and operations only, so that it loads in safe mode where none of our code is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trainer.catalog import Catalog

Architecture = Callable[..., Any]

architectures: Catalog[Architecture] = Catalog("architecture", "trainer.architectures")
