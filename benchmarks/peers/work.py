"""The work that every peer and the ceiling do for a picture: fetch, decode reduced, resize, predict.

Plain libraries and none of Loupe's code. All but the Flask server, whose point is `model.predict`, have the model in
ONNX Runtime: it is faster than Keras's compiled function for one picture, no slower for a batch, and much smaller.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
import urllib3
from numpy.typing import NDArray

SIDE = 64
TIMEOUT_S = 10.0
Pixels = NDArray[np.float32]


class Pictures:
    """Reads pictures over connections that stay open.

    Args:
        threads: how many will ask at once.
    """

    def __init__(self, threads: int) -> None:
        self._pool = urllib3.PoolManager(maxsize=threads, block=False, retries=False, timeout=TIMEOUT_S)

    def read(self, url: str) -> Pixels:
        """Returns a picture as the model's input, RGB (64, 64, 3) from 0 to 1.

        Raises:
            ValueError: what came is no picture.
        """
        answer = self._pool.request("GET", url)
        # A quarter of each side is enough for the model, and libjpeg then does a third of the work.
        image = cv2.imdecode(np.frombuffer(answer.data, np.uint8), cv2.IMREAD_REDUCED_COLOR_4)
        if answer.status != 200 or image is None:
            raise ValueError(f"expected a picture at {url}, received status {answer.status}")
        small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2RGB), np.float32) / np.float32(255)


class Model:
    """The model in ONNX Runtime.

    Args:
        folder: holds `model.onnx` and `labels.json`.
        threads: that one batch may use.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session: Any = onnxruntime.InferenceSession(str(folder / "model.onnx"), options)
        self._input = self._session.get_inputs()[0].name
        self._labels = labels(folder)

    def classify(self, pictures: Sequence[Pixels]) -> list[str]:
        """Returns the class of each picture of a batch."""
        probabilities = self._session.run(None, {self._input: np.stack(pictures)})[0]
        return [self._labels[int(best)] for best in probabilities.argmax(axis=1)]


def labels(folder: Path) -> list[str]:
    """Returns the class names in the order of the model's outputs."""
    names: list[str] = json.loads((folder / "labels.json").read_text())
    return names


def model_folder() -> Path:
    """Returns the folder of the model's files, which every peer is told by its environment."""
    return Path(os.environ["BENCH_MODEL"])


def setting(name: str) -> int:
    """Returns a whole number that the peer is told by its environment."""
    return int(os.environ[f"BENCH_{name}"])
