"""Plots of a version, drawn by matplotlib without a display. The same data give the same file."""

from trainer.plots.files import plot_files

__all__ = ["plot_files"]
