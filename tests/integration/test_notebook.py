"""The notebook, cell by cell, against a running Loupe and a tiny Fashion-MNIST. Jupyter itself is the container's."""

from __future__ import annotations

import gzip
import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.loupe import ROOT, RunningLoupe

NOTEBOOK = ROOT / "notebooks" / "fashion-mnist.ipynb"
CELLS: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]
# The cells up to the one that trains.
TRAINING = 4


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Writes an array in the format of the MNIST files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def write_fashion(folder: Path) -> None:
    """Writes four files as Fashion-MNIST has them: a bright bar for each class, at a height of its own."""
    rng = np.random.default_rng(5)
    for part, count in (("train", 80), ("t10k", 30)):
        labels = (np.arange(count) % 10).astype(np.uint8)
        pictures = rng.integers(0, 60, (count, 28, 28)).astype(np.uint8)
        for picture, label in zip(pictures, labels, strict=True):
            picture[2 * label + 2 : 2 * label + 6] = 220
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", pictures)
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)


def run(loupe: RunningLoupe, most: int = len(CODE)) -> subprocess.CompletedProcess[str]:
    """Runs the code of the first cells in one process, as Jupyter's kernel does."""
    code = "\n".join("".join(cell["source"]) for cell in CODE[:most])
    environment = os.environ | {"LOUPE_URL": loupe.base_url, "MPLBACKEND": "agg", "TF_CPP_MIN_LOG_LEVEL": "2"}
    line = [sys.executable, "-c", code]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)


def test_the_notebook_is_kept_without_what_it_showed() -> None:
    assert len(CODE) > 5
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in CODE)


@pytest.mark.processes
@pytest.mark.tensorflow
@pytest.mark.timeout(600, func_only=True)
def test_every_cell_does_what_the_text_says(loupe: RunningLoupe) -> None:
    # Without the data it says where they go
    missing = run(loupe)
    assert missing.returncode == 1
    assert "Fashion-MNIST is not there yet" in missing.stderr
    assert "train-images-idx3-ubyte.gz" in missing.stderr
    assert "fashion-mnist_train.csv" in missing.stderr
    # With them it trains a version, and the model answers in the notebook as it does in the worker
    write_fashion(loupe.data_dir / "import" / "fashion-mnist")
    done = run(loupe)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "80 pictures to train on, 30 to test on, 0 refused" in done.stdout
    assert "epoch 12 of 12: loss" in done.stdout
    assert "fashion version 1: Version 1 is served." in done.stdout
    (last,) = [line for line in done.stdout.splitlines() if "differs from the worker's" in line]
    assert float(last.rpartition(" ")[2]) < 1e-4
    # Once more it finds the same data and makes the next version
    assert "there already" in run(loupe, TRAINING).stdout
    assert loupe.get("/api/v1/models/fashion").json()["versions"] == [1, 2]
