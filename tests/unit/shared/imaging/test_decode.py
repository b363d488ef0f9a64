from __future__ import annotations

import cv2
import numpy as np
import pytest

from shared.errors import NotAnImage, TooManyPixels
from shared.imaging import decode
from tests.support import pictures

LIMIT = 50_000_000
RED, GREEN, BLUE, YELLOW, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (255, 255, 255)


def _corners(image: pictures.Pixels) -> list[tuple[int, ...]]:
    """Returns the colours near the four corners, each channel rounded to 0 or 255."""
    height, width = image.shape[:2]
    places = [(2, 2), (2, width - 3), (height - 3, 2), (height - 3, width - 3)]
    return [tuple(int(value > 127) * 255 for value in image[place]) for place in places]


@pytest.mark.parametrize("name", pictures.every_kind())
def test_every_kind_comes_out_as_eight_bit_rgb(name: str) -> None:
    image = decode(pictures.every_kind()[name], max_pixels=LIMIT)

    assert image.dtype == np.uint8
    assert image.ndim == 3
    assert image.shape[2] == 3
    assert image.flags.c_contiguous


@pytest.mark.parametrize("extension", [".jpg", ".png", ".webp", ".gif", ".bmp", ".tiff", ".avif"])
def test_colours_are_red_first_and_in_their_place(extension: str) -> None:
    image = decode(pictures.encode(extension, pictures.quarters()), max_pixels=LIMIT)

    assert _corners(image) == [RED, GREEN, BLUE, YELLOW]


@pytest.mark.parametrize("kind", ["png", "tiff", "png-deep", "tiff-deep", "bmp", "webp-lossless"])
def test_lossless_pictures_keep_every_pixel(kind: str) -> None:
    assert np.array_equal(decode(pictures.every_kind()[kind], max_pixels=LIMIT), pictures.photo())


def test_grey_pictures_have_three_equal_channels() -> None:
    image = decode(pictures.every_kind()["png-grey"], max_pixels=LIMIT)

    assert np.array_equal(image, np.repeat(pictures.photo()[:, :, :1], 3, axis=2))


def test_cmyk_is_converted_to_rgb() -> None:
    image = decode(pictures.cmyk_jpeg(), max_pixels=LIMIT)

    # Half of each ink, and half black over it: a quarter of the light is left.
    assert np.all(np.abs(image.astype(int) - 64) <= 2)


@pytest.mark.parametrize(
    ("min_side", "shape"),
    [(None, (256, 400)), (200, (256, 400)), (128, (128, 200)), (64, (64, 100)), (32, (32, 50)), (1, (32, 50))],
)
def test_a_jpeg_is_reduced_while_its_short_side_stays_large_enough(
    min_side: int | None, shape: tuple[int, int]
) -> None:
    data = pictures.encode(".jpg", pictures.photo(400, 256))

    assert decode(data, max_pixels=LIMIT, min_side=min_side).shape == (*shape, 3)


@pytest.mark.parametrize(
    ("min_side", "flag"),
    [(128, cv2.IMREAD_REDUCED_COLOR_2), (64, cv2.IMREAD_REDUCED_COLOR_4), (32, cv2.IMREAD_REDUCED_COLOR_8)],
)
def test_a_reduced_jpeg_has_the_pixels_that_opencv_gives_blue_first(min_side: int, flag: int) -> None:
    data = pictures.encode(".jpg", pictures.photo(400, 256))

    image = decode(data, max_pixels=LIMIT, min_side=min_side)

    assert np.array_equal(image, np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), flag))[:, :, ::-1])


def test_a_reduced_side_is_rounded_up() -> None:
    data = pictures.encode(".jpg", pictures.photo(501, 375))

    assert decode(data, max_pixels=LIMIT, min_side=47).shape == (47, 63, 3)


def test_other_formats_are_never_reduced() -> None:
    data = pictures.encode(".png", pictures.photo(400, 256))

    assert decode(data, max_pixels=LIMIT, min_side=8).shape == (256, 400, 3)


@pytest.mark.parametrize("extension", [".jpg", ".png", ".webp", ".avif"])
@pytest.mark.parametrize(
    ("orientation", "corners"),
    [
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [BLUE, RED, YELLOW, GREEN]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [GREEN, YELLOW, RED, BLUE]),
    ],
)
@pytest.mark.parametrize("alpha", [False, True], ids=["opaque", "alpha"])
def test_the_exif_orientation_is_applied(
    extension: str, orientation: int, corners: list[tuple[int, ...]], alpha: bool
) -> None:
    pixels = pictures.quarters()
    if alpha and extension != ".jpg":
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])

    image = decode(pictures.oriented(extension, pixels, orientation), max_pixels=LIMIT)

    assert _corners(image) == corners
    assert image.shape == ((32, 48, 3) if orientation < 5 else (48, 32, 3))


def test_the_orientation_is_applied_to_a_reduced_jpeg_too() -> None:
    data = pictures.oriented(".jpg", pictures.quarters(480, 320), 6)

    image = decode(data, max_pixels=LIMIT, min_side=40)

    assert image.shape == (60, 40, 3)
    assert _corners(image) == [BLUE, RED, YELLOW, GREEN]


def test_the_orientation_of_a_webp_is_found_behind_the_prefix_that_many_programs_write() -> None:
    data = pictures.oriented(".webp", pictures.quarters(), 6, prefix=b"Exif\x00\x00")

    assert _corners(decode(data, max_pixels=LIMIT)) == [BLUE, RED, YELLOW, GREEN]


@pytest.mark.parametrize("extension", [".png", ".webp", ".gif", ".avif"])
def test_transparent_parts_show_white(extension: str) -> None:
    params = [cv2.IMWRITE_WEBP_QUALITY, 101] if extension == ".webp" else []
    data = pictures.encode(extension, pictures.with_alpha(pictures.quarters()), *params)

    assert _corners(decode(data, max_pixels=LIMIT)) == [RED, GREEN, WHITE, WHITE]


def test_an_invisible_palette_colour_shows_white() -> None:
    image = decode(pictures.palette_png(), max_pixels=LIMIT)

    assert image.tolist() == [[list(RED)] * 4, [list(WHITE)] * 4]


@pytest.mark.parametrize("extension", [".gif", ".webp", ".png", ".avif"])
def test_the_first_frame_of_an_animation_is_taken(extension: str) -> None:
    frames = [np.full((16, 16, 3), color, np.uint8) for color in (RED, BLUE, GREEN)]

    image = decode(pictures.animated(extension, frames), max_pixels=LIMIT)

    assert _corners(image) == [RED] * 4


@pytest.mark.parametrize(
    "data",
    [
        pictures.EMPTY,
        pictures.HTML,
        pictures.SVG,
        pictures.huge_chunk_png(),
        pictures.truncated_jpeg(),
        pictures.hungry_jpeg(),
        b"\xff" * 100,
    ],
    ids=["empty", "html", "svg", "huge-chunk", "truncated", "hungry", "garbage"],
)
def test_bad_input_is_not_an_image(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        decode(data, max_pixels=LIMIT)


def test_a_jpeg_too_large_is_refused_even_where_it_would_be_reduced() -> None:
    with pytest.raises(TooManyPixels):
        decode(pictures.huge_jpeg(), max_pixels=LIMIT, min_side=8)


@pytest.mark.parametrize("cut", [1, 2, 12])
@pytest.mark.parametrize("name", [name for name in pictures.every_kind() if "gif-animated" not in name])
def test_a_picture_without_its_last_bytes_is_refused_or_whole(name: str, cut: int) -> None:
    whole = pictures.every_kind()[name]
    expected = decode(whole, max_pixels=LIMIT)

    try:
        image = decode(whole[:-cut], max_pixels=LIMIT)
    except NotAnImage:
        return
    # The last bytes were no pixels: an end mark of a GIF, a directory of a TIFF, padding.
    assert np.array_equal(image, expected)


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "bmp", "tiff", "webp", "avif"])
def test_trailing_bytes_are_ignored_as_browsers_do(name: str) -> None:
    whole = pictures.every_kind()[name]

    assert np.array_equal(decode(whole + bytes(100), max_pixels=LIMIT), decode(whole, max_pixels=LIMIT))


def test_what_opencv_cannot_read_is_not_an_image_and_says_the_size() -> None:
    rows = b"\x07" * (3 * 13)  # A filter byte that does not exist.

    with pytest.raises(NotAnImage, match=r"This PNG, 4 x 3 pixels by its header, is broken"):
        decode(pictures.png(4, 3, 8, 2, rows), max_pixels=LIMIT)


def test_broken_pictures_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    for data in (pictures.encode(".tiff", pictures.photo())[:-8], pictures.encode(".avif", pictures.photo())[:-8]):
        with pytest.raises(NotAnImage):
            decode(data, max_pixels=LIMIT)

    assert capfd.readouterr().err == ""


def test_opencv_is_new_enough_for_animated_png() -> None:
    # Below 5.0.0.93 an animated PNG crashes the process.
    assert tuple(int(part) for part in cv2.__version__.split(".")[:3]) >= (5, 0, 0)
    assert decode(pictures.apng(), max_pixels=LIMIT).shape == (8, 8, 3)
