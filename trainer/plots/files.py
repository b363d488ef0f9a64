"""All plots of a version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainer.evaluation.calibration import calibration_error
from trainer.evaluation.evaluate import Evaluation
from trainer.evaluation.pictures import LabelledPictures
from trainer.plots.confusion import confusion_plot
from trainer.plots.history import history_plot
from trainer.plots.mistakes import mistakes_sheet
from trainer.plots.reliability import reliability_plot

# The short side of a picture on the sheet of mistakes, in pixels, when it is larger.
SHEET_SIDE = 160


def plot_files(
    history: Sequence[Mapping[str, Any]], pictures: LabelledPictures, evaluation: Evaluation
) -> dict[str, bytes]:
    """Returns the plots by file name; those of nothing (no epochs, no mistakes) are left out.

    Args:
        history: one entry an epoch.
    """
    files = {
        "confusion.png": confusion_plot(evaluation.confusion, pictures.labels),
        "reliability.png": reliability_plot(evaluation.calibration, calibration_error(evaluation.calibration)),
    }
    if history:
        files["history.png"] = history_plot(history)
    if evaluation.mistakes:
        files["mistakes.webp"] = mistakes_sheet(evaluation.mistakes, lambda place: pictures.read(place, SHEET_SIDE))
    return files
