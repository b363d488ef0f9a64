"""What all plots share: size, colours, text, and how a figure becomes a file."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

# Okabe and Ito's palette, "Color Universal Design" (2008): told apart by nearly everybody.
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#8A8F98"
INK = "#22262B"
DPI = 120
MOST_CHARACTERS = 28

# Given in full, so that a matplotlibrc of the machine changes nothing; and no text is read as mathematics, because
# a class may be called "$5".
SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


@contextmanager
def styled() -> Iterator[None]:
    """Has everything drawn in the block look alike."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes, and that is no news to whoever reads the log.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        mpl.rcdefaults()
        parameters: Any = mpl.rcParams
        parameters.update(SETTINGS)
        yield


def figure(width: float, height: float) -> Figure:
    """Returns an empty figure of so many inches."""
    drawn = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(drawn)
    return drawn


def png(drawn: Figure) -> bytes:
    """Returns the figure as PNG, without the name of the program that made it."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def pixels(drawn: Figure) -> NDArray[np.uint8]:
    """Returns the figure's pixels, uint8 RGB (height, width, 3)."""
    canvas: Any = FigureCanvasAgg(drawn)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba(), np.uint8)[..., :3].copy()


def shown(name: str, most: int = MOST_CHARACTERS) -> str:
    """Returns a class name that can be drawn: in one line, not too long, whatever it holds."""
    text = "".join(character if character.isprintable() else "�" for character in name)
    return text if len(text) <= most else f"{text[: most - 1]}…"
