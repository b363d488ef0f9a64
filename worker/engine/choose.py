"""Which engine runs a version: decided by LOUPE_ENGINE and the version's manifest, and never by what happens to load.

A damaged file is a version that fails to load, and not a silent change of engine.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Literal

from shared.registry import Manifest
from worker.engine.base import EngineKind

Setting = Literal["auto", "keras", "onnx"]


class EngineMissing(Exception):
    """Raised when a version cannot be run by the engine that was asked for, or by none that this worker has."""


def choose_engine(setting: Setting, manifest: Manifest) -> EngineKind:
    """Returns the engine for a version: ONNX Runtime where the manifest tells of a checked export, else Keras.

    Args:
        setting: LOUPE_ENGINE; other than auto it allows that engine alone.

    Raises:
        EngineMissing: that engine cannot run the version here; the message says what to do.
    """
    exported = manifest.onnx is not None and manifest.onnx.checked
    if setting == "onnx" and not exported:
        raise EngineMissing(
            f"LOUPE_ENGINE is onnx, and {_why_not_exported(manifest)} Set LOUPE_ENGINE to auto for workers that have"
            " TensorFlow, or train the model again."
        )
    if exported and setting != "keras":
        return _onnx()
    if find_spec("tensorflow") is None:
        because = "LOUPE_ENGINE is keras" if exported else f"Keras has to run it, because {_why_not_exported(manifest)}"
        raise EngineMissing(
            f"{because.rstrip('.')}, and this worker has no TensorFlow. Run a worker from the trainer's image"
            f"{', or set LOUPE_ENGINE to auto' if exported else ''}."
        )
    return _keras()


def _why_not_exported(manifest: Manifest) -> str:
    if manifest.onnx is None:
        return "the version comes from a release that exported none to ONNX."
    return f"the version has no checked ONNX export: {manifest.onnx.reason}"


def _onnx() -> EngineKind:
    from worker.engine.onnx_engine import AT_ONCE, OnnxEngine

    return EngineKind("onnx", "model.onnx", OnnxEngine, at_once=AT_ONCE)


def _keras() -> EngineKind:
    # Importing TensorFlow takes seconds and half a gigabyte: only who needs it does.
    from worker.engine.keras_engine import KerasEngine

    return EngineKind("keras", "model.keras", KerasEngine, copies=2)
