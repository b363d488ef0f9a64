"""A Keras model from a file, in safe mode: nothing in the file is run as code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shared.registry import Manifest, Registry

MODEL_FILE = "model.keras"


def load_model(path: Path) -> Any:
    """Returns the model of a `.keras` file, not compiled. Child processes only: it imports TensorFlow."""
    import keras

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def load_version(registry: Registry, manifest: Manifest) -> Any:
    """Returns the model of a version.

    Raises:
        VersionCorrupt: its file is missing or damaged.
    """
    registry.verify(manifest.name, manifest.version, (MODEL_FILE,))
    return load_model(registry.local_folder(manifest.name, manifest.version, (MODEL_FILE,)) / MODEL_FILE)
