from __future__ import annotations

import pytest

from shared.imaging.guess import looks_like
from tests.support import pictures


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n", "a PDF document"),
        (b"PK\x03\x04rest", "a ZIP archive or an office document"),
        (b"\x00\x00\x00\x18ftypheic", "a HEIC picture"),
        (b"\x00\x00\x00\x18ftypisom", "an MP4 video"),
        (b"\x00\x00\x00\x0cjP  \r\n", "a JPEG 2000 picture"),
        (b"\x00\x00\x01\x00\x01\x00", "a Windows icon (ICO)"),
        (pictures.SVG, "an SVG drawing"),
        (pictures.HTML, "a web page (HTML)"),
        (b"\xef\xbb\xbf  <html>", "a web page (HTML)"),
        (b'<?xml version="1.0"?><Error/>', "an XML or HTML document"),
        (b'{"error": "not found"}', "a JSON document"),
        (b"Not found\n", "text"),
        (b"\x00\x01\x02", None),
        (b"", None),
    ],
)
def test_well_known_files_are_named(data: bytes, name: str | None) -> None:
    assert looks_like(data) == name
