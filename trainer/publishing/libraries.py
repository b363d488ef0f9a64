"""Which library versions made a model: without them it cannot be made again."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

# TensorFlow's package is named by the kind of build.
PACKAGES = {
    "keras": ("keras",),
    "tensorflow": ("tensorflow-cpu", "tensorflow"),
    "numpy": ("numpy",),
    "onnxruntime": ("onnxruntime",),
    "tf2onnx": ("tf2onnx",),
    "opencv": ("opencv-python-headless",),
}


def library_versions() -> dict[str, str]:
    """Returns the version of Python and of each library that a result depends on."""
    found = {"python": platform.python_version()}
    for name, packages in PACKAGES.items():
        for package in packages:
            try:
                found[name] = version(package)
                break
            except PackageNotFoundError:
                continue
    return found
