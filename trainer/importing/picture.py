"""A picture that can be used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Picture:
    """One picture, or one content, however often it came.

    Attributes:
        sha256: of the file's bytes, or of the bare pixels: another release's PNG of them may differ.
        side: the side it was given on, 0 training and 1 test; None where the split is not given.
        width, height: in pixels, as the file's header says.
        offset, length: where the bytes that are kept lie in the scratch file.
    """

    sha256: bytes
    file: str
    label: str
    side: int | None
    format: str
    width: int
    height: int
    offset: int
    length: int
