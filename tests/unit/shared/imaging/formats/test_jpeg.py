from __future__ import annotations

import cv2
import pytest

from shared.errors import NotAnImage
from shared.imaging import decode, inspect
from tests.support import pictures

LIMIT = 50_000_000


def test_a_jpeg_whose_data_cannot_fill_its_size_is_cut_off() -> None:
    with pytest.raises(
        NotAnImage, match=r"7000 x 7000 pixels need at least 574,218 bytes of picture data, and it has 16"
    ):
        inspect(pictures.hungry_jpeg(), max_pixels=LIMIT)


def test_a_flat_picture_needs_no_more_than_the_bound() -> None:
    flat = pictures.photo(8, 8)[:1, :1].repeat(512, axis=0).repeat(512, axis=1)

    for progressive in (0, 1):
        data = pictures.encode(".jpg", flat, cv2.IMWRITE_JPEG_PROGRESSIVE, progressive, cv2.IMWRITE_JPEG_OPTIMIZE, 1)
        assert decode(data, max_pixels=LIMIT).shape == (512, 512, 3)


def test_more_scans_than_a_picture_can_need_are_refused() -> None:
    data = pictures.encode(".jpg", pictures.photo(2_000, 2_000), cv2.IMWRITE_JPEG_PROGRESSIVE, 1)
    scan = data[data.index(b"\xff\xda") : -2]

    with pytest.raises(NotAnImage, match=r"scans, far more than its size can need"):
        inspect(data[:-2] + scan[:64] * 1_000 + b"\xff\xd9", max_pixels=LIMIT)


def test_a_progressive_picture_counts_for_the_coefficients_it_keeps() -> None:
    params = (cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111)
    data = pictures.encode(".jpg", pictures.photo(), *params)

    header = inspect(data, max_pixels=LIMIT)

    assert header.cost == header.pixels * 3 // 2


def test_the_size_in_a_thumbnail_inside_exif_is_not_taken_for_the_pictures() -> None:
    whole = pictures.encode(".jpg", pictures.photo())
    thumbnail = pictures.encode(".jpg", pictures.photo(16, 16))
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail

    assert inspect(whole[:2] + segment + whole[2:], max_pixels=LIMIT).width == 48


@pytest.mark.parametrize(
    "tail", [b"", b"\xff", b"\xff\xd9", b"\xff\xda\x00\x02\xff\xd9", b"\xff\xc0\x00\x08\x08\x00\x01\x00\x01\x00"]
)
def test_a_jpeg_without_a_frame_is_broken(tail: bytes) -> None:
    with pytest.raises(NotAnImage, match="This JPEG is"):
        inspect(b"\xff\xd8\xff\xfe\x00\x02" + tail, max_pixels=LIMIT)


def test_a_jpeg_of_nothing_but_markers_is_refused_soon() -> None:
    with pytest.raises(NotAnImage, match="more than 5,000 parts"):
        inspect(b"\xff\xd8" + b"\xff\xfe\x00\x02" * 200_000, max_pixels=LIMIT)


def test_a_picture_in_several_scans_counts_for_the_coefficients_it_keeps() -> None:
    # The first scan has one of three components, so libjpeg keeps all until the last one: 7,000 x 7,000 took 420 MB.
    whole = bytearray(pictures.hungry_jpeg(64, 64))
    at = whole.index(b"\xff\xda")
    apart = bytes(whole[:at]) + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + bytes(100) + b"\xff\xd9"

    assert inspect(apart, max_pixels=LIMIT).cost == 64 * 64 * 9 // 6


def test_arithmetic_coding_that_says_nothing_is_cut_off() -> None:
    # 122 bytes were decoded to 7,000 x 7,000 pixels: where Huffman codes have a least length, these have none.
    whole = pictures.hungry_jpeg().replace(b"\xff\xc0\x00\x11", b"\xff\xc9\x00\x11")

    with pytest.raises(NotAnImage, match="need at least 35,888 bytes of picture data, and it has 16"):
        inspect(whole, max_pixels=LIMIT)


@pytest.mark.parametrize(("width", "height"), [(1, 65_500), (65_500, 1)])
def test_blocks_that_reach_over_the_edge_count_as_work(width: int, height: int) -> None:
    # One pixel wide, yet every scan visits 8,188 blocks: 11,000 scans in 123 KB took 1.7 s.
    whole = bytearray(pictures.hungry_jpeg(width, height).replace(b"\xff\xc0\x00\x11", b"\xff\xc2\x00\x11"))
    scan = bytes(whole[whole.index(b"\xff\xda") : -2])

    with pytest.raises(NotAnImage, match=r"scans, far more than its size can need"):
        inspect(bytes(whole[:-2]) + scan * 700 + b"\xff\xd9", max_pixels=LIMIT)
