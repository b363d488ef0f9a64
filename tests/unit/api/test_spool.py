from __future__ import annotations

import io
import tempfile
from typing import IO, Any

import pytest

from api.spool import MAX_FORM_TEXT_BYTES, Part
from tests.support.api_world import ApiWorld
from tests.unit.api.conftest import MakeApi


def test_parts_share_one_file_and_are_read_apart() -> None:
    with tempfile.TemporaryFile() as spool:
        first, second = Part(spool), None
        first.write(b"one")
        first.write(b" more")
        second = Part(spool)
        second.write(b"two")

        assert second.read() == b"two"
        assert first.read(3) == b"one"
        second.seek(1)
        assert second.read(1) == b"w"
        assert first.read() == b" more"
        assert first.read() == b""
        first.seek(-4, io.SEEK_END)
        assert first.read(100) == b"more"
        assert first.tell() == 8
        first.seek(1000)
        assert first.read(4) == b""


def test_the_spool_of_a_request_is_one_file_and_closed_with_it(api: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[IO[bytes]] = []

    def temporary_file(*arguments: Any, **options: Any) -> IO[bytes]:
        made.append(io.BytesIO())
        return made[-1]

    monkeypatch.setattr("api.spool.tempfile.TemporaryFile", temporary_file)

    answer = api.post(data={"file": [(io.BytesIO(b"GIF"), "a.gif")] * 1 + [(io.BytesIO(b"PNG"), "b.png")]})

    assert answer.status_code == 202
    assert [file.closed for file in made] == [True]


@pytest.mark.parametrize("count", [4, 50])
def test_too_many_files_are_too_many_items(make_api: MakeApi, count: int) -> None:
    api = make_api(max_items=3)
    api.publish()

    answer = api.post(data={"file": [(io.BytesIO(b"GIF"), "a.gif") for _ in range(count)]})

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (422, "too_many_items")
    assert "At most 3 items" in answer.json["detail"]


@pytest.mark.parametrize(("length", "count"), [(MAX_FORM_TEXT_BYTES + 1, 1), (1, 200)])
def test_too_much_text_says_what_to_do(make_api: MakeApi, length: int, count: int) -> None:
    api = make_api(max_items=3)
    api.publish()

    text = b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\n' + b"x" * length + b"\r\n"

    answer = api.post(data=text * count + b"--x--\r\n", content_type="multipart/form-data; boundary=x")

    assert answer.json is not None
    assert (answer.status_code, answer.json["code"]) == (413, "body_too_large")
    assert "Send a longer list as a file" in answer.json["detail"]


def test_a_form_without_files_has_the_limit_of_a_text(api: ApiWorld) -> None:
    answer = api.post("/batch", data={"list": "x" * (MAX_FORM_TEXT_BYTES + 1)})

    assert answer.status_code == 413
    assert f"{MAX_FORM_TEXT_BYTES} bytes" in answer.text


@pytest.mark.parametrize("path", ["/api/v1/classifications", "/api/v1/datasets", "/"])
@pytest.mark.parametrize("disposition", ['form-data; filename="a.gif"', "form-data"])
def test_a_part_without_a_name_is_refused(api: ApiWorld, path: str, disposition: str) -> None:
    body = f"--x\r\nContent-Disposition: {disposition}\r\n\r\nGIF\r\n--x--\r\n".encode()

    answer = api.post(path, data=body, content_type="multipart/form-data; boundary=x")

    assert answer.status_code == 400
    assert "a part of it has no name" in answer.text
