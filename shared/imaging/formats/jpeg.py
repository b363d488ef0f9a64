"""JPEG (ITU-T T.81): a list of marked segments, then one or more scans of entropy-coded data, then an end marker."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from shared.errors import NotAnImage
from shared.imaging.formats.model import PLAIN_BYTES_PER_PIXEL, Format, Header, check_parts

# A marker is 0xFF and a code. 0x00 is a stuffed data byte, 0xFF is fill and 0xD0 to 0xD7 are restarts inside a scan.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
# Start-of-frame codes: 0xC4, 0xC8 and 0xCC in between are tables and an extension.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
# Fewest bits a Huffman-coded 8 x 8 block takes: one for DC and one for "no AC", or in a progressive file one for DC;
# a lossless file has one for each sample.
# What is coded arithmetically has no least; a blank page takes next to nothing, and a photo far more than this.
_LEAST_BITS = {0xC0: 2, 0xC1: 2, 0xC2: 1, 0xC3: 64, 0xC9: 0.125, 0xCA: 0.125}
# A scan may cost a few bits and still visit every block of its components. 50 million pixels in the ten usual scans are
# 11 million visits, half a second of work.
_MAX_VISITS = 12_000_000
# A good one has some dozens, with a large colour profile hundreds. Each costs libjpeg ten microseconds, were it empty.
_MAX_SEGMENTS = 5_000


class _Segment(NamedTuple):
    """A marker, where it stands, and where its payload starts and ends. After a scan's comes its entropy-coded data."""

    code: int
    marker: int
    start: int
    end: int


@dataclass(frozen=True)
class _Frame:
    code: int
    width: int
    height: int
    sampling: dict[int, tuple[int, int]]

    @property
    def highest(self) -> tuple[int, int]:
        """The highest sampling of all components, across and down: what the picture's size is counted in."""
        across, down = zip(*self.sampling.values(), strict=True)
        return max(across), max(down)

    @property
    def samples_per_pixel(self) -> float:
        """Of all components: 1 for grey, 1.5 for the usual 4:2:0, 3 for 4:4:4."""
        across, down = self.highest
        return sum(x * y for x, y in self.sampling.values()) / (across * down)

    def blocks(self, components: Iterable[int]) -> int:
        """How many 8 x 8 blocks of samples the components have; a side that begins a block has all of it."""
        across, down = self.highest
        sampled = (self.sampling.get(component, (0, 0)) for component in components)
        return sum(-(-self.width * x // (8 * across)) * -(-self.height * y // (8 * down)) for x, y in sampled)


def _segments(data: bytes) -> Iterator[_Segment]:
    """Walks from marker to marker as libjpeg does, up to and with the end marker."""
    position, count = 2, 0
    # After a scan this passes over all its data: that is most of the file, so nobody asks for more than he needs.
    while marker := _MARKER.search(data, position):
        code, start, position = marker[1][0], marker.end(), marker.end()
        count += 1
        check_parts("JPEG", count, _MAX_SEGMENTS)
        if code in {_SOI, _TEM, _EOI}:
            yield _Segment(code, marker.start(), start, start)
            if code == _EOI:
                return
            continue
        (length,) = struct.unpack_from(">H", data, start)
        position = start + length
        yield _Segment(code, marker.start(), start + 2, position)
    raise NotAnImage("This JPEG is cut off: it has no end marker. Send the whole file.")


def _frame(data: bytes, segments: Iterable[_Segment]) -> tuple[_Frame, _Segment | None]:
    """Returns the frame, and the first scan after it; None where none follows."""
    frame = None
    for segment in segments:
        if segment.code in _FRAMES and not frame:
            frame = _frame_at(data, segment)
        elif segment.code in {_SOS, _EOI}:
            if frame:
                return frame, segment if segment.code == _SOS else None
            break
    raise NotAnImage("This JPEG is broken: it has no valid frame header.")


def _frame_at(data: bytes, segment: _Segment) -> _Frame:
    _, height, width, count = struct.unpack_from(">BHHB", data, segment.start)
    places = range(segment.start + 6, segment.start + 6 + 3 * count, 3)
    sampling = {data[at]: (data[at + 1] >> 4, data[at + 1] & 15) for at in places}
    if not sampling or any(not 1 <= x <= 4 or not 1 <= y <= 4 for x, y in sampling.values()):
        raise NotAnImage("This JPEG is broken: it has no valid frame header.")
    return _Frame(segment.code, width, height, sampling)


def _components(data: bytes, scan: _Segment) -> bytes:
    """Returns the numbers of the components that a scan holds."""
    return data[scan.start + 1 : scan.start + 1 + 2 * data[scan.start] : 2]


def _matches(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff")


def _read(data: bytes) -> Header:
    frame, scan = _frame(data, _segments(data))
    # What comes in several scans is kept whole, as 2-byte coefficients, until the last one is in.
    whole = frame.code in _PROGRESSIVE or (scan and len(_components(data, scan)) < len(frame.sampling))
    per_pixel = 3 + 2 * frame.samples_per_pixel if whole else 0
    memory = frame.width * frame.height * max(per_pixel, PLAIN_BYTES_PER_PIXEL)
    return Header("JPEG", frame.width, frame.height, memory=int(memory))


def _check(data: bytes, header: Header) -> None:
    segments = list(_segments(data))
    frame, _ = _frame(data, segments)
    scans = [segment for segment in segments if segment.code == _SOS]
    if not scans:
        raise NotAnImage("This JPEG is broken: it has a header but no picture data.")
    if sum(frame.blocks(_components(data, scan)) for scan in scans) > _MAX_VISITS:
        raise NotAnImage(f"This JPEG has {len(scans):,} scans, far more than its size can need. It looks crafted.")
    coded = sum(after.marker - scan.end for scan, after in pairwise(segments) if scan.code == _SOS)
    samples = int(header.pixels * frame.samples_per_pixel)
    least = int(samples // 64 * _LEAST_BITS.get(frame.code, 0) / 8)
    if coded < least:
        raise NotAnImage(
            f"This JPEG is cut off: {header.width} x {header.height} pixels need at least {least:,} bytes"
            f" of picture data, and it has {coded:,}. Send the whole file."
        )


JPEG = Format("JPEG", _matches, _read, _check)
