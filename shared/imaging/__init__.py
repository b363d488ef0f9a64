"""Pictures: check the header, decode, make a model's input, draw a small copy. The only part of shared with OpenCV."""

from shared.imaging.budget import PixelBudget
from shared.imaging.decode import decode
from shared.imaging.formats.model import Header
from shared.imaging.header import inspect
from shared.imaging.preprocess import scale, to_input
from shared.imaging.thumbnail import least_side, thumbnail

__all__ = ["Header", "PixelBudget", "decode", "inspect", "least_side", "scale", "thumbnail", "to_input"]
