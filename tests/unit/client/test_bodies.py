from __future__ import annotations

import io
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.formparser import parse_form_data

from loupe.bodies import FileBody, Form, Part
from loupe.errors import FileProblem
from loupe.folder import pack, pictures_in

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


def test_a_folder_is_packed_without_what_is_no_picture_of_a_class(tmp_path: Path) -> None:
    for name in ("cat/1.jpg", "cat/deep/2.PNG", "dog/1.webp", "dog/notes.txt", "top.jpg", ".hidden/3.jpg"):
        (tmp_path / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pets" / name).write_bytes(name.encode())

    assert pack(tmp_path / "pets", tmp_path / "pets.zip") == 3

    with zipfile.ZipFile(tmp_path / "pets.zip") as archive:
        assert archive.namelist() == ["cat/1.jpg", "cat/deep/2.PNG", "dog/1.webp"]
        assert archive.read("cat/1.jpg") == b"cat/1.jpg"
    assert [path.name for path in pictures_in(tmp_path / "pets")] == ["1.jpg", "2.PNG", "1.webp", "top.jpg"]
