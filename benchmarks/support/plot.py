"""The picture of a comparison: a bar for each contestant, a dot for each of its rounds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

# Okabe and Ito's palette, "Color Universal Design" (2008): told apart by nearly everybody.
OURS, OTHERS, LIMIT, INK = "#0072B2", "#8A8F98", "#D55E00", "#22262B"
# A fixed salt and no date: the same figures are the same file.
SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "loupe",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "text.color": INK,
}


def rates_plot(record: Mapping[str, Any], path: Path) -> None:
    """Draws the pictures a second of a run of `benchmarks.compare` into an SVG file."""
    rates = sorted(record["rates"].items(), key=lambda pair: pair[1]["median"])
    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(8, 0.6 * len(rates) + 0.9), layout="constrained")
        axes = figure.subplots()
        for place, (name, rate) in enumerate(rates):
            axes.barh(place, rate["median"], height=0.6, color=colour(name))
            rounds = [turn["rate"] for turn in record["turns"][name]]
            axes.plot(rounds, [place] * len(rounds), "o", color=INK, markersize=3)
            axes.annotate(
                f"{rate['median']:,.0f}", (rate["high"], place), (6, 0), textcoords="offset points", va="center"
            )
        axes.set_yticks(range(len(rates)), [name for name, _ in rates])
        axes.set_xlabel(f"pictures a second; the bar is the median of {record['rounds']} rounds, a dot is one of them")
        axes.spines[["top", "right"]].set_visible(False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", metadata={"Date": None})


def colour(name: str) -> str:
    """Returns the colour of a contestant."""
    if name == "Ceiling":
        return LIMIT
    return OURS if name.startswith("Loupe") else OTHERS
