"""Damages pictures at random, decodes them, and says what came of each. Run as a module, in a process of its own:

    python -m tests.support.mutations SEED COUNT

decodes COUNT seeded mutations of each of `pictures.every_kind` and writes one JSON object to stdout.
"""

from __future__ import annotations

import hashlib
import json
import random
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from shared.errors import ItemError
from shared.imaging import decode
from tests.support import pictures

MAX_PIXELS = 50_000_000
# Numbers that are borders of something: of a type, of the pixel limit, of nothing.
_BORDERS = (0, 1, 2, 127, 128, 255, 4_400, 7_000, 32_767, 32_768, 65_535, 2**31 - 1, 2**31, 2**32 - 1)


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Damages a file in one to six places, half of them near its start, where the headers are."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        reach = len(damaged) if chance.random() < 0.5 else min(len(damaged), 120)
        chance.choice(_DAMAGES)(damaged, chance.randrange(reach), chance)
        if not damaged:
            return b""
    return bytes(damaged)


def with_checksums(data: bytes) -> bytes:
    """Repairs the checksums of a damaged PNG, so that the damage gets past them."""
    repaired, position = bytearray(data), 8
    while position + 12 <= len(repaired):
        end = position + 8 + int(struct.unpack_from(">I", repaired, position)[0])
        if end + 4 > len(repaired):
            break
        struct.pack_into(">I", repaired, end, zlib.crc32(repaired[position + 4 : end]))
        position = end + 4
    return bytes(repaired)


def _flip(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] ^= 1 << chance.randrange(8)


def _replace(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] = chance.randrange(256)


def _step(data: bytearray, at: int, chance: random.Random) -> None:
    data[at] = (data[at] + chance.choice((-1, 1))) % 256


def _border(data: bytearray, at: int, chance: random.Random) -> None:
    size = chance.choice((2, 4))
    value = chance.choice(_BORDERS) % 256**size
    data[at : at + size] = value.to_bytes(size, chance.choice(("little", "big")))


def _delete(data: bytearray, at: int, chance: random.Random) -> None:
    del data[at : at + chance.randrange(1, 64)]


def _insert(data: bytearray, at: int, chance: random.Random) -> None:
    source = chance.randrange(len(data))
    data[at:at] = data[source : source + chance.randrange(1, 64)]


def _copy(data: bytearray, at: int, chance: random.Random) -> None:
    source = chance.randrange(len(data))
    piece = data[source : source + chance.randrange(1, 64)]
    data[at : at + len(piece)] = piece


def _cut(data: bytearray, at: int, chance: random.Random) -> None:
    del data[chance.randrange(at, len(data)) :]


_DAMAGES: tuple[Callable[[bytearray, int, random.Random], None], ...] = (
    _flip,
    _replace,
    _step,
    _border,
    _delete,
    _insert,
    _copy,
    _cut,
)


def _outcome(data: bytes, min_side: int | None) -> str:
    try:
        pixels = decode(data, max_pixels=MAX_PIXELS, min_side=min_side)
    except ItemError as error:
        return error.code
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()


def peak_kib() -> int:
    """Returns the most memory this process held, in KiB. The system's own count begins with what its parent held."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1])


def main(seed: int, count: int) -> None:
    """Writes the outcome of each mutation, the longest decoding in seconds of CPU time, and the peak memory in KiB."""
    outcomes: dict[str, str] = {}
    longest = 0.0
    for name, good in pictures.every_kind().items():
        for number in range(count):
            chance = random.Random(f"{seed} {name} {number}")
            data = mutate(good, chance)
            if "png" in name and chance.random() < 0.7:
                data = with_checksums(data)
            started = time.thread_time()
            outcomes[f"{name} {number}"] = _outcome(data, chance.choice((None, None, 8, 16)))
            longest = max(longest, time.thread_time() - started)
    peak = peak_kib()
    sys.stdout.write(json.dumps({"outcomes": outcomes, "longest_s": longest, "peak_kib": peak}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
