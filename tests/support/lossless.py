"""Lossless WebP data (RFC 9649, section 3) written bit by bit, so that it can say anything."""

from __future__ import annotations


class Bits:
    """Writes numbers, lowest bit first."""

    def __init__(self) -> None:
        self._value = self._count = 0

    def put(self, value: int, count: int) -> Bits:
        """Adds a number of so many bits."""
        self._value |= value << self._count
        self._count += count
        return self

    def one_symbol(self, symbol: int) -> Bits:
        """Adds a code of one symbol, which then takes no bits."""
        return self.put(0b101, 3).put(symbol, 8)

    def one_symbol_each(self) -> Bits:
        """Adds the five codes of a picture that is black and has no bits."""
        for _ in range(5):
            self.one_symbol(0)
        return self

    def all_symbols(self, alphabet: int) -> Bits:
        """Adds a code in which each of the first 256 symbols has 8 bits, and those above do not occur."""
        # Two lengths occur, with codes of one bit: 8, and 18 for a run of zeros. They stand at places 1 and 11 of 12.
        self.put(0, 1).put(12 - 4, 4)
        for place in range(12):
            self.put(int(place in {1, 11}), 3)
        self.put(0, 1).put(0, 256)
        if alphabet > 256:
            self.put(1, 1).put(alphabet - 256 - 11, 7)
        return self

    def header(self, width: int, height: int) -> Bits:
        """Adds the header of a VP8L chunk."""
        return self.put(0x2F, 8).put(width - 1, 14).put(height - 1, 14).put(0, 4)

    def done(self) -> bytes:
        """Returns what was written, and some zeros."""
        return self._value.to_bytes(-(-self._count // 8), "little") + bytes(8)
