"""What a picture format is to Loupe, and what its header says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.errors import NotAnImage

# Decoding a plain picture holds it twice, as 3 bytes a pixel: once in OpenCV, once in the array it returns.
PLAIN_BYTES_PER_PIXEL = 6
# Segments, chunks, boxes, tags: 20 MiB of good picture has a few thousand. More keep a parser busy for seconds.
_MAX_PARTS = 100_000


def check_parts(name: str, count: int, most: int = _MAX_PARTS) -> None:
    """Refuses a file with more parts than any good picture has.

    Args:
        name: the format, for the error.
        count: how many parts were met so far.
        most: how many it may have.

    Raises:
        NotAnImage: there are more.
    """
    if count > most:
        raise NotAnImage(f"This {name} has more than {most:,} parts. It looks crafted.")


@dataclass(frozen=True)
class Header:
    """What the header of a picture claims, read by our own parsers before OpenCV sees a byte.

    Args:
        format: name of the format, such as `JPEG`.
        width: in pixels, before the EXIF orientation is applied.
        height: in pixels, before the EXIF orientation is applied.
        alpha: whether pixels may be transparent.
        memory: bytes that decoding it in full holds at its peak, where that is more than for a plain picture.
    """

    format: str
    width: int
    height: int
    alpha: bool = False
    memory: int = 0

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def cost(self) -> int:
        """The memory of decoding it, counted in pixels of a plain picture: what to reserve in a `PixelBudget`."""
        return max(self.pixels, self.memory // PLAIN_BYTES_PER_PIXEL)


def _unchanged(data: bytes) -> bytes:
    return data


@dataclass(frozen=True)
class Format:
    """One picture format: how to know it and what to look at before it is decoded.

    The functions may raise `NotAnImage`, or `struct.error` or `IndexError` where the bytes end too early.

    Args:
        name: as people write it; the key in the registry.
        matches: whether the bytes begin as this format does.
        read: the header; looks no further than it must.
        check: refuses a picture that is cut off, or that would make a decoder allocate or compute far more than
            its size says. Called after the size is known to be within the limit.
        clean: the same picture without the parts that a decoder should not see.
    """

    name: str
    matches: Callable[[bytes], bool]
    read: Callable[[bytes], Header]
    check: Callable[[bytes, Header], None]
    clean: Callable[[bytes], bytes] = _unchanged
