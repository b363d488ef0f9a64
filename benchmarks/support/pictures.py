"""The pictures that every contestant classifies: drawn here, of the size and weight of photos on a web page."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

COUNT, WIDTH, HEIGHT = 500, 500, 375
# With these about 50 KB each.
QUALITY, GRAIN = 82, 8.0
# Cells on the shorter side: large areas of colour, shapes, and texture.
OCTAVES = {3: 70.0, 9: 40.0, 30: 22.0, 90: 12.0}


def draw_pictures(folder: Path, count: int = COUNT) -> list[str]:
    """Writes the pictures as JPEG and returns their names. The same ones every time."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{number:03}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        _, data = cv2.imencode(".jpg", picture(number), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        (folder / name).write_bytes(data.tobytes())
    return names


def picture(seed: int) -> NDArray[np.uint8]:
    """Returns soft shapes, texture and grain, uint8 (375, 500, 3)."""
    generator = np.random.default_rng(seed)
    pixels = np.full((HEIGHT, WIDTH, 3), generator.uniform(80, 170, 3), np.float32)
    for cells, strength in OCTAVES.items():
        coarse = strength * generator.standard_normal((cells, cells * 4 // 3, 3), np.float32)
        pixels += cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    # Grain is the same in all colours, as a sensor's mostly is.
    pixels += GRAIN * generator.standard_normal((HEIGHT, WIDTH, 1), np.float32)
    return np.clip(pixels, 0, 255).astype(np.uint8)
