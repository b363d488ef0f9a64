from __future__ import annotations

import struct

import pytest

from shared.errors import NotAnImage, TooManyPixels
from shared.imaging import inspect
from tests.support import pictures

LIMIT = 50_000_000
FORMATS = {
    "jpeg": "JPEG",
    "png": "PNG",
    "apng": "PNG",
    "webp": "WebP",
    "gif": "GIF",
    "bmp": "BMP",
    "tiff": "TIFF",
    "avif": "AVIF",
}
SIZES = {"jpeg-cmyk": (8, 8), "png-palette": (4, 2)}


@pytest.mark.parametrize("name", pictures.every_kind())
def test_format_and_size_of_every_kind_are_read(name: str) -> None:
    header = inspect(pictures.every_kind()[name], max_pixels=LIMIT)

    assert header.format == FORMATS[name.split("-")[0]]
    assert (header.width, header.height) == SIZES.get(name, (48, 32))
    assert header.cost >= header.pixels


@pytest.mark.parametrize("name", ["png-alpha", "png-palette", "webp-alpha", "gif", "avif-alpha"])
def test_alpha_is_found(name: str) -> None:
    assert inspect(pictures.every_kind()[name], max_pixels=LIMIT).alpha


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "bmp", "tiff-deep", "avif"])
def test_no_alpha_is_claimed_where_there_is_none(name: str) -> None:
    assert not inspect(pictures.every_kind()[name], max_pixels=LIMIT).alpha


@pytest.mark.parametrize("name", pictures.every_kind())
def test_a_picture_over_the_pixel_limit_is_refused_with_its_size(name: str) -> None:
    width, height = SIZES.get(name, (48, 32))

    with pytest.raises(TooManyPixels, match=f"{width} x {height} .*at most {width * height - 1:,} "):
        inspect(pictures.every_kind()[name], max_pixels=width * height - 1)


def test_a_304_byte_jpeg_that_claims_439_million_pixels_is_refused() -> None:
    data = pictures.huge_jpeg()

    with pytest.raises(TooManyPixels, match=r"56,321 x 7,789 = 438,684,269 pixels"):
        inspect(data, max_pixels=LIMIT)
    assert len(data) == 304


def test_a_format_that_takes_more_memory_a_pixel_may_have_fewer() -> None:
    canvas = bytearray(pictures.encode(".gif", pictures.photo()))
    canvas[6:10] = struct.pack("<HH", 7_000, 7_000)

    with pytest.raises(TooManyPixels, match=r"this kind of GIF takes much memory to decode, so at most 17,647,058"):
        inspect(bytes(canvas), max_pixels=LIMIT)


def test_a_side_that_32_bit_offsets_cannot_reach_is_refused() -> None:
    data = pictures.png(70_000, 1, 1, 0, bytes(1 + 70_000 // 8))

    with pytest.raises(TooManyPixels, match=r"a side may have at most 65,535"):
        inspect(data, max_pixels=LIMIT)


@pytest.mark.parametrize("name", pictures.every_kind())
def test_a_picture_cut_in_half_is_refused(name: str) -> None:
    whole = pictures.every_kind()[name]
    # The first frame of an animation may be whole in the first half of the file.
    half = whole[: len(whole) // (5 if name == "gif-animated" else 2)]

    with pytest.raises(NotAnImage, match=r"cut off|broken"):
        inspect(half, max_pixels=LIMIT)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (pictures.EMPTY, "The file is empty"),
        (pictures.HTML, r"It looks like a web page \(HTML\)"),
        (pictures.SVG, "It looks like an SVG drawing"),
        (b"\x00" * 64, "Its first bytes are those of no picture Loupe knows"),
    ],
    ids=["empty", "HTML", "SVG", "zeros"],
)
def test_what_is_no_picture_is_refused_by_what_it_looks_like(data: bytes, message: str) -> None:
    with pytest.raises(NotAnImage, match=message) as refusal:
        inspect(data, max_pixels=LIMIT)

    assert "Expected a picture: JPEG, PNG, WebP, GIF, BMP, AVIF, TIFF." in str(refusal.value)


@pytest.mark.parametrize(
    "beginning", [b"\xff\xd8\xff", b"BM", b"GIF89a", b"II*\x00", b"RIFF\x00\x00\x00\x00WEBP", pictures.PNG_SIGNATURE]
)
def test_a_beginning_alone_is_refused(beginning: bytes) -> None:
    with pytest.raises(NotAnImage, match=r"cut off|broken"):
        inspect(beginning, max_pixels=LIMIT)
