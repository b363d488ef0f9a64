"""Plots are pictures, the same ones for the same data, whatever the classes are called."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from shared.imaging import decode, inspect
from shared.preprocess_spec import PreprocessSpec
from shared.registry import Mistake
from tests.support.evaluations import LABELS, ToyModel, toy_pictures
from trainer.evaluation.evaluate import evaluate
from trainer.evaluation.predict import predictor
from trainer.plots import plot_files
from trainer.plots.confusion import confusion_plot
from trainer.plots.history import history_plot
from trainer.plots.mistakes import mistakes_sheet

HISTORY: list[dict[str, Any]] = [
    {"epoch": epoch, "loss": 1 / epoch, "accuracy": 1 - 1 / epoch, "val_loss": 1.1 / epoch, "val_accuracy": 0.5}
    for epoch in (1, 2, 3)
]
# Mathematics, control characters, other scripts, half a surrogate pair, nothing to see, and far too long.
ODD_NAMES = ("$5", r"\frac{1}{0}$$", "a\nb\x00", "日本", "\udc80", " ", "x" * 500, "<b>&amp;</b>")


def files(labels: Sequence[str] = LABELS, wrong: int = 5) -> dict[str, bytes]:
    to = PreprocessSpec(width=8, height=8, color="rgb")
    pictures = toy_pictures(64, labels)
    found = evaluate(predictor(ToyModel(len(labels), wrong=10**6 if wrong else 0), to), pictures)
    return plot_files(HISTORY, pictures, found)


def test_a_version_has_four_plots() -> None:
    found = files()
    assert sorted(found) == ["confusion.png", "history.png", "mistakes.webp", "reliability.png"]
    for name, data in found.items():
        header = inspect(data, max_pixels=10**8)
        assert header.format.lower() == name.rsplit(".", 1)[1]
        assert min(header.width, header.height) > 200
        assert np.asarray(decode(data, max_pixels=10**8)).std() > 5


def test_the_same_data_give_the_same_files() -> None:
    assert files() == files()


def test_a_setting_of_the_machine_changes_nothing() -> None:
    import matplotlib as mpl

    expected = files()
    with mpl.rc_context({"font.size": 30, "figure.dpi": 10, "axes.facecolor": "red"}):
        assert files() == expected
        assert mpl.rcParams["font.size"] == 30


def test_any_class_name_can_be_drawn() -> None:
    assert len(files(ODD_NAMES)) == 4


def test_what_there_is_nothing_to_draw_of_is_left_out() -> None:
    to = PreprocessSpec(width=8, height=8, color="rgb")
    pictures = toy_pictures()
    found = plot_files([], pictures, evaluate(predictor(ToyModel(), to), pictures))
    assert sorted(found) == ["confusion.png", "reliability.png"]


def test_one_epoch_is_a_history_too() -> None:
    assert history_plot(HISTORY[:1]).startswith(b"\x89PNG")


@pytest.mark.parametrize("count", [2, 26, 300])
def test_a_matrix_of_any_size_fits_a_page(count: int) -> None:
    rng = np.random.default_rng(0)
    data = confusion_plot(rng.integers(0, 9, (count, count)).tolist(), [f"class {i}" for i in range(count)])
    header = inspect(data, max_pixels=10**8)
    assert header.width < 2500
    assert header.height < 2500


@pytest.mark.parametrize("count", [1, 7, 24])
def test_mistakes_of_any_shape_fill_a_sheet(count: int) -> None:
    mistakes = [Mistake(index=i, true="a", said="b", score=0.5) for i in range(count)]
    shapes = [(4, 300, 3), (300, 4, 3), (1, 1, 3)]
    data = mistakes_sheet(mistakes, lambda place: np.full(shapes[place % 3], 100, np.uint8))
    assert inspect(data, max_pixels=10**8).format == "WebP"


def test_no_window_and_no_pyplot_is_needed() -> None:
    code = "import sys, trainer.plots; sys.exit('matplotlib.pyplot' in sys.modules or 'tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
