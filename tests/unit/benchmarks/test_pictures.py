"""The pictures of the benchmarks."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2

from benchmarks.support.pictures import draw_pictures
from benchmarks.support.urls import picture_urls


def test_pictures_have_the_size_and_weight_of_photos_on_a_page(tmp_path: Path) -> None:
    names = draw_pictures(tmp_path, 5)
    files = [(tmp_path / name).read_bytes() for name in names]
    assert len(set(files)) == 5
    assert all(40_000 < len(data) < 60_000 for data in files)
    image = cv2.imread(str(tmp_path / names[0]))
    assert image is not None
    assert image.shape == (375, 500, 3)


def test_no_url_comes_twice() -> None:
    first, second = picture_urls("http://a.test"), picture_urls("http://a.test")
    urls = [*islice(first, 600), *islice(second, 600)]
    assert len({url.partition("?")[0] for url in urls}) == 500
    assert len(set(urls)) == len(urls)
