from __future__ import annotations

import io
import os
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.formparser import parse_form_data

from loupe.bodies import FileBody, Form, Part
from loupe.errors import FileProblem

NAME = 'a "quoted"\r\nname é.jpg'


def test_a_form_is_read_by_the_server_as_it_was_meant(tmp_path: Path) -> None:
    picture = tmp_path / "cat.jpg"
    picture.write_bytes(bytes(range(256)) * 1000)
    form = Form({"model": "pets", "label": "café"}, [Part("file", NAME, picture), Part("file", "b", b"\r\n--")])

    for _ in range(2):
        content = form.open()
        body = content.read(10) + b"".join(content)
        content.close()
        assert len(content) == len(body)
        environ = {"CONTENT_TYPE": form.content_type, "CONTENT_LENGTH": str(len(body)), "REQUEST_METHOD": "POST"}
        _, fields, files = parse_form_data({**environ, "wsgi.input": io.BytesIO(body)})
        first, second = files.getlist("file")
        with closing(first), closing(second):
            assert dict(fields) == {"model": "pets", "label": "café"}
            # A line break cannot be in a header; the server sees it as a browser would send it.
            assert first.filename == 'a "quoted"%0D%0Aname é.jpg'
            assert (first.read(), second.read()) == (picture.read_bytes(), b"\r\n--")


@pytest.mark.parametrize("name", ["missing.jpg", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileProblem, match=r"missing|cannot be read"):
        FileBody(tmp_path / name, "text/csv").open()


def test_a_name_that_is_no_text_is_sent_as_far_as_it_is() -> None:
    name = os.fsdecode(b"caf\xe9.jpg")

    content = Form({"model": name}, [Part("file", name, b"")]).open()

    assert content.read(10) + b"".join(content)
    assert len(content) == len(Form({"model": "caf?.jpg"}, [Part("file", "caf?.jpg", b"")]).open())
