from __future__ import annotations

import struct

import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from shared.imaging.formats.webp import WEBP
from tests.support import pictures

LIMIT = 50_000_000


def _riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(struct.pack("<4sI", kind, len(data)) + data + bytes(len(data) % 2) for kind, data in chunks)
    return struct.pack("<4sI4s", b"RIFF", len(body) + 4, b"WEBP") + body


def _extended(flags: int, width: int, height: int) -> tuple[bytes, bytes]:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"VP8X", bytes((flags, 0, 0, 0)) + sides


def _picture(name: str) -> tuple[bytes, bytes]:
    data = pictures.every_kind()[name]
    (size,) = struct.unpack_from("<I", data, 16)
    return data[12:16], data[20 : 20 + size]


@pytest.mark.parametrize("name", ["webp", "webp-lossless"])
def test_an_extended_header_must_agree_with_its_picture(name: str) -> None:
    assert decode(_riff(_extended(0, 48, 32), _picture(name)), max_pixels=LIMIT).shape == (32, 48, 3)
    with pytest.raises(NotAnImage, match="its header says 8 x 8 pixels, its picture 48 x 32"):
        inspect(_riff(_extended(0, 8, 8), _picture(name)), max_pixels=LIMIT)


def test_an_animation_counts_for_the_canvases_it_takes() -> None:
    header = inspect(pictures.every_kind()["webp-animated"], max_pixels=LIMIT)

    assert header.cost == header.pixels * 19 // 6


def test_only_the_first_frame_of_an_animation_reaches_the_decoder() -> None:
    whole = pictures.every_kind()["webp-animated"]

    assert whole.count(b"ANMF") == 2
    assert WEBP.clean(whole).count(b"ANMF") == 1


def test_profiles_and_texts_do_not_reach_the_decoder() -> None:
    chunks = [_extended(0x24, 48, 32), (b"ICCP", b"profile"), _picture("webp"), (b"XMP ", b"text")]

    assert WEBP.clean(_riff(*chunks)) == _riff(_extended(0, 48, 32), _picture("webp"))


@pytest.mark.parametrize(
    ("chunks", "message"),
    [
        ([], "does not begin with a picture"),
        ([(b"JUNK", b"junk")], "does not begin with a picture"),
        ([_extended(0, 8, 8)], "it has a header but no picture"),
        ([(b"VP8 ", bytes(10))], "does not begin with a key frame"),
        ([(b"VP8L", bytes(10))], "its lossless picture has a wrong signature"),
        ([(b"VP8 ", b"")], "it ends too early"),
    ],
)
def test_broken_files_are_refused(chunks: list[tuple[bytes, bytes]], message: str) -> None:
    with pytest.raises(NotAnImage, match=message):
        inspect(_riff(*chunks), max_pixels=LIMIT)


def test_a_chunk_longer_than_the_file_is_refused() -> None:
    data = bytearray(pictures.every_kind()["webp"])
    struct.pack_into("<I", data, 16, 2**31)

    with pytest.raises(NotAnImage, match=r"a chunk claims 2,147,483,648 bytes"):
        inspect(bytes(data), max_pixels=LIMIT)
