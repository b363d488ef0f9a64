"""Reads lossless WebP data (RFC 9649, section 3) as far as it must to know how many codes the decoder will set up.

Each square of a picture may have prefix codes of its own, and libwebp makes tables of 5 to 12 KB for each: a file of
300 KB and 1,024 x 1,024 pixels made it take 360 MB, one of 6 MB 530 MB. How many squares there are is written behind
the picture's transforms, of which three are small pictures themselves; so these are read as a decoder reads them.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import NotAnImage

# The programs of the WebP project use 2,600 and, in early versions, up to 7,600.
MAX_SQUARES = 8_000
# A picture of 37 million pixels, the most that are taken, has 146,000 in the finest transform that these programs make.
MAX_SUBPIXELS = 150_000
_PREDICTOR, _COLOR, _PALETTE = 0, 1, 3
_LITERALS, _LENGTHS, _DISTANCES = 256, 24, 40
# In this order a code says how long the codes of its lengths are.
_ORDER = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
_REPEAT = 16
# Of the lengths that stand for several: bits of how many, and the least.
_REPEATS = {16: (2, 3), 17: (3, 3), 18: (7, 11)}

# What the next bits mean: a symbol, and how many of them it took. The table has a power of two of entries.
_Code = list[tuple[int, int]]


class _Bits:
    """Reads numbers, lowest bit first."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._end = 8 * len(data)

    def ahead(self) -> int:
        """Returns the next 64 bits, and maybe a few more; zeros where there are none."""
        at = self._at >> 3
        return int.from_bytes(self._data[at : at + 9], "little") >> (self._at & 7)

    def skip(self, count: int) -> None:
        self._at += count
        if self._at > self._end:
            raise IndexError("The lossless picture ends too early.")

    def read(self, count: int) -> int:
        value = self.ahead() & ((1 << count) - 1)
        self.skip(count)
        return value

    def symbol(self, code: _Code) -> int:
        symbol, length = code[self.ahead() & (len(code) - 1)]
        self.skip(length)
        return symbol

    def number(self, prefix: int) -> int:
        """Reads what follows the prefix of a length or distance, and returns it."""
        if prefix < 4:
            return prefix + 1
        extra = (prefix - 2) >> 1
        return ((2 + (prefix & 1)) << extra) + self.read(extra) + 1


def check_squares(data: bytes, width: int, height: int) -> None:
    """Refuses data whose codes would take far more memory than its picture.

    Args:
        data: from the first transform on: what comes after the header of a VP8L chunk, or after the first byte of a
            compressed ALPH chunk.

    Raises:
        NotAnImage: it has more codes, or finer transforms, than a good picture, or is broken.
        IndexError: it ends too early.
    """
    bits = _Bits(data)
    while bits.read(1):
        kind = bits.read(2)
        if kind in {_PREDICTOR, _COLOR}:
            side = bits.read(3) + 2
            _skip_picture(bits, _squares(width, height, side))
        elif kind == _PALETTE:
            colors = bits.read(8) + 1
            _skip_picture(bits, colors)
            width = -(-width // (8 if colors <= 2 else 4 if colors <= 4 else 2 if colors <= 16 else 1))
    _cache_size(bits)
    if bits.read(1) and (squares := _squares(width, height, bits.read(3) + 2)) > MAX_SQUARES:
        raise NotAnImage(f"This WebP has codes for {squares:,} squares, at most {MAX_SQUARES:,} are read.")


def _squares(width: int, height: int, side: int) -> int:
    return -(-width >> side) * -(-height >> side)


def _cache_size(bits: _Bits) -> int:
    return 1 << bits.read(4) if bits.read(1) else 0


def _skip_picture(bits: _Bits, pixels: int) -> None:
    """Passes over a picture that belongs to a transform."""
    if pixels > MAX_SUBPIXELS:
        raise NotAnImage(f"This WebP has a transform of {pixels:,} pixels, at most {MAX_SUBPIXELS:,} are read.")
    green = _code(bits, _LITERALS + _LENGTHS + _cache_size(bits))
    # Red, blue and alpha follow a green one, those alone that are not always the same; of them the lengths matter.
    others = [[length for _, length in code] for code in [_code(bits, _LITERALS) for _ in range(3)] if len(code) > 1]
    distance = _code(bits, _DISTANCES)
    if len(green) == 1 and not others and green[0][0] < _LITERALS:
        return
    while pixels > 0:
        ahead = bits.ahead()
        symbol, taken = green[ahead & (len(green) - 1)]
        if symbol < _LITERALS:
            for lengths in others:
                taken += lengths[ahead >> taken & (len(lengths) - 1)]
        bits.skip(taken)
        if _LITERALS <= symbol < _LITERALS + _LENGTHS:
            pixels -= bits.number(symbol - _LITERALS)
            bits.number(bits.symbol(distance))
        else:
            pixels -= 1


def _code(bits: _Bits, alphabet: int) -> _Code:
    """Reads a prefix code."""
    if not bits.read(1):
        return _table(_lengths(bits, alphabet))
    two, wide = bits.read(1), bits.read(1)
    first = bits.read(8 if wide else 1)
    return [(first, 1), (bits.read(8), 1)] if two else [(first, 0)]


def _lengths(bits: _Bits, alphabet: int) -> list[int]:
    """Reads how many bits the code of each symbol has; 0 for those that do not occur."""
    own = [0] * len(_ORDER)
    for place in _ORDER[: bits.read(4) + 4]:
        own[place] = bits.read(3)
    code = _table(own)
    left = bits.read(2 + 2 * bits.read(3)) + 2 if bits.read(1) else alphabet
    lengths: list[int] = []
    last = 8
    while len(lengths) < alphabet and left:
        left -= 1
        symbol = bits.symbol(code)
        if symbol < _REPEAT:
            lengths.append(symbol)
            last = symbol or last
        else:
            count, least = _REPEATS[symbol]
            lengths += [last if symbol == _REPEAT else 0] * (bits.read(count) + least)
    return lengths


def _table(lengths: Sequence[int]) -> _Code:
    """Makes the table of a canonical code, shorter codes first, then smaller symbols."""
    used = sorted((length, symbol) for symbol, length in enumerate(lengths) if length)
    if len(used) == 1:
        return [(used[0][1], 0)]
    if sum(2.0**-length for length, _ in used) != 1:
        raise NotAnImage("This WebP is broken: the codes of its lossless picture are no codes.")
    longest = used[-1][0]
    table: _Code = [(0, 0)] * (1 << longest)
    code = 0
    for place, (length, symbol) in enumerate(used):
        # The bits of a code come highest first, those of the table's index lowest first.
        start = int(format(code, f"0{length}b")[::-1], 2)
        table[start :: 1 << length] = [(symbol, length)] * (1 << (longest - length))
        if place + 1 < len(used):
            code = (code + 1) << (used[place + 1][0] - length)
    return table
