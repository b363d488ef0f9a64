from __future__ import annotations

import random

import pytest

from shared.imaging.formats.lzw import restarts


def _one_by_one(coded: bytes, least_bits: int) -> int:
    """Counts clear and end codes the plain way."""
    clear, bits, end = 1 << least_bits, int.from_bytes(coded, "little"), len(coded) * 8
    position = since = count = 0
    while position < end:
        width = max(least_bits + 1, min(12, (clear + 1 + since).bit_length()))
        code = bits >> position & ((1 << width) - 1)
        position += width
        since += 1
        if code in {clear, clear + 1}:
            count, since = count + 1, 0
    return count


@pytest.mark.parametrize("least_bits", range(2, 12))
@pytest.mark.parametrize("length", [1, 100, 8_000])
def test_restarts_are_counted_as_reading_code_by_code_does(least_bits: int, length: int) -> None:
    coded = random.Random(least_bits).randbytes(length)
    most = length * 8 // (least_bits + 1)

    assert restarts(coded, least_bits, most - 1) == _one_by_one(coded, least_bits)


def test_counting_stops_above_the_limit() -> None:
    assert restarts(int("100" * 8, 2).to_bytes(3, "big") * 1_000, 2, 10) == 11


def test_data_too_short_for_the_limit_is_not_read() -> None:
    assert restarts(b"\x24" * 10, 2, 1_000) == 0
