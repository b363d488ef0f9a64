"""The header check: what a picture is and claims, found out by our own code before OpenCV sees a byte of it."""

from __future__ import annotations

import struct

from shared.errors import NotAnImage, TooManyPixels
from shared.imaging.formats import FORMATS
from shared.imaging.formats.model import Format, Header
from shared.imaging.guess import looks_like

# Offsets in decoders are 32-bit numbers: with sides up to this, a row times a few hundred still fits.
MAX_SIDE = 65_535


def inspect(data: bytes, *, max_pixels: int) -> Header:
    """Reads and checks the header of a picture.

    Args:
        data: the whole file.
        max_pixels: most pixels it may claim. Formats whose decoding takes more memory a pixel may have fewer.

    Returns:
        What the header says; `Header.cost` is what to reserve in a `PixelBudget`.

    Raises:
        NotAnImage: it is not one of the formats Loupe reads, or broken, or cut off.
        TooManyPixels: it claims more than `max_pixels`, or a side over 65,535.
    """
    form = _identify(data)
    try:
        header = form.read(data)
        _check_size(header, max_pixels)
        form.check(data, header)
    except (struct.error, IndexError) as error:
        raise NotAnImage(f"This {form.name} is broken or cut off: it ends too early. Send the whole file.") from error
    return header


def _identify(data: bytes) -> Format:
    for form in FORMATS.values():
        if form.matches(data):
            return form
    known = ", ".join(FORMATS)
    if not data:
        raise NotAnImage(f"The file is empty. Expected a picture: {known}.")
    guess = looks_like(data)
    seen = f"It looks like {guess}" if guess else "Its first bytes are those of no picture Loupe knows"
    raise NotAnImage(f"{seen}. Expected a picture: {known}.")


def _check_size(header: Header, max_pixels: int) -> None:
    size = f"{header.width:,} x {header.height:,}"
    if not header.pixels:
        raise NotAnImage(f"This {header.format} is broken: its header says {size} pixels.")
    if header.pixels > max_pixels:
        raise TooManyPixels(
            f"The picture is {size} = {header.pixels:,} pixels; at most {max_pixels:,} are taken. Send a smaller copy."
        )
    if max(header.width, header.height) > MAX_SIDE:
        raise TooManyPixels(f"The picture is {size} pixels; a side may have at most {MAX_SIDE:,}.")
    if header.cost > max_pixels:
        most = max_pixels * header.pixels // header.cost
        raise TooManyPixels(
            f"The picture is {size} = {header.pixels:,} pixels; this kind of {header.format} takes much memory to"
            f" decode, so at most {most:,} are taken. Send a smaller copy, or a plain JPEG or PNG."
        )
