"""The worst mistakes as one picture: each with what it is, what it was taken for, and how sure the model was."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shared.imaging import thumbnail
from shared.registry import Mistake
from trainer.plots.style import figure, pixels, shown, styled

COLUMNS = 6
CELL_INCHES = (1.7, 2.1)
MOST_CHARACTERS = 18


def mistakes_sheet(mistakes: Sequence[Mistake], read: Callable[[int], NDArray[np.uint8]]) -> bytes:
    """Returns `mistakes.webp`.

    Args:
        mistakes: at least one.
        read: returns the picture at a place, uint8 RGB (height, width, 3).
    """
    columns = min(COLUMNS, max(3, len(mistakes)))
    rows = -(-len(mistakes) // columns)
    with styled():
        drawn = figure(columns * CELL_INCHES[0], rows * CELL_INCHES[1])
        grid = drawn.subplots(rows, columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, mistake in zip(grid.flat, mistakes, strict=False):
            axes.imshow(read(mistake.index), interpolation="nearest")
            said, true = shown(mistake.said, MOST_CHARACTERS), shown(mistake.true, MOST_CHARACTERS)
            caption = f"said {said} ({mistake.score:.3f})\nis {true}"
            axes.set_title(caption, fontsize=7)
        sheet = pixels(drawn)
    return thumbnail(sheet, max(sheet.shape))
