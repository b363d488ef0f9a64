"""JPEG (ITU-T T.81): a list of marked segments, then one or more scans of entropy-coded data, then an end marker."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
_LEAST_BITS = {0xC0: 2, 0xC1: 2, 0xC2: 1, 0xC3: 64}
# A scan may cost a few bits and still visit every block of its components. 50 million pixels in the ten usual scans are
# 11 million visits, half a second of work.
_MAX_VISITS = 12_000_000


@dataclass(frozen=True)
class _Segment:
    """A marker and where its payload lies. `coded` counts the entropy-coded bytes after a start of scan."""

    code: int
    start: int
    coded: int = 0


@dataclass(frozen=True)
class _Frame:
    code: int
    width: int
    height: int
    sampling: dict[int, tuple[int, int]]

    def samples_per_pixel(self, components: Iterable[int]) -> float:
        """For all components: 1 for grey, 1.5 for the usual 4:2:0, 3 for 4:4:4."""
        highest_x, highest_y = (max(side) for side in zip(*self.sampling.values(), strict=True))
        taken = sum(x * y for x, y in (self.sampling.get(component, (0, 0)) for component in components))
        return float(taken / (highest_x * highest_y))

    def blocks(self, components: Iterable[int]) -> int:
        """How many 8 x 8 blocks of samples the components have, at the least."""
        return int(self.width * self.height * self.samples_per_pixel(components)) // 64


def _segments(data: bytes) -> Iterator[_Segment]:
    """Walks from marker to marker as libjpeg does, up to and with the end marker."""
    count = 0
    marker = _MARKER.search(data, 2)
    while marker:
        code, start = marker[1][0], marker.end()
        count += 1
        check_parts("JPEG", count)
        if code in {_SOI, _TEM}:
            marker = _MARKER.search(data, start)
            continue
        if code == _EOI:
            yield _Segment(code, start)
            return
        (length,) = struct.unpack_from(">H", data, start)
        position = start + length
        # Of a scan this passes over all its data: once, for it is most of the file.
        marker = _MARKER.search(data, position)
        coded = marker.start() - position if marker and code == _SOS else 0
        yield _Segment(code, start + 2, coded)
    raise NotAnImage("This JPEG is cut off: it has no end marker. Send the whole file.")


def _frame(data: bytes) -> _Frame:
    for segment in _segments(data):
        if segment.code in _FRAMES:
            _, height, width, count = struct.unpack_from(">BHHB", data, segment.start)
            places = range(segment.start + 6, segment.start + 6 + 3 * count, 3)
            sampling = {data[at]: (data[at + 1] >> 4, data[at + 1] & 15) for at in places}
            if not sampling or any(not 1 <= x <= 4 or not 1 <= y <= 4 for x, y in sampling.values()):
                break
            return _Frame(segment.code, width, height, sampling)
        if segment.code in {_SOS, _EOI}:
            break
    raise NotAnImage("This JPEG is broken: it has no valid frame header.")


def _components(data: bytes, scan: _Segment) -> bytes:
    """Returns the numbers of the components that a scan holds."""
    return data[scan.start + 1 : scan.start + 1 + 2 * data[scan.start] : 2]


def _matches(data: bytes) -> bool:
    return data.startswith(b"\xff\xd8\xff")


def _read(data: bytes) -> Header:
    frame = _frame(data)
    pixels = frame.width * frame.height
    # A progressive picture is kept whole as 2-byte coefficients until the last scan is in.
    per_pixel = 3 + 2 * frame.samples_per_pixel(frame.sampling) if frame.code in _PROGRESSIVE else PLAIN_BYTES_PER_PIXEL
    return Header("JPEG", frame.width, frame.height, memory=int(pixels * per_pixel))


def _check(data: bytes, header: Header) -> None:
    frame = _frame(data)
    scans = [segment for segment in _segments(data) if segment.code == _SOS]
    if not scans:
        raise NotAnImage("This JPEG is broken: it has a header but no picture data.")
    if sum(frame.blocks(_components(data, scan)) for scan in scans) > _MAX_VISITS:
        raise NotAnImage(f"This JPEG has {len(scans):,} scans, far more than its size can need. It looks crafted.")
    coded, least = sum(scan.coded for scan in scans), frame.blocks(frame.sampling) * _LEAST_BITS.get(frame.code, 0) // 8
    if coded < least:
        raise NotAnImage(
            f"This JPEG is cut off: {header.width} x {header.height} pixels need at least {least:,} bytes"
            f" of picture data, and it has {coded:,}. Send the whole file."
        )


JPEG = Format("JPEG", _matches, _read, _check)
