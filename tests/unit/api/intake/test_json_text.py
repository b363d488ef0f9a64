from __future__ import annotations

import io
import json
from typing import Any

import pytest

from api.intake import json_text
from api.intake.json_text import JsonText, ValueTooLong
from shared.errors import BadJson


class Dripping(io.BytesIO):
    """A body that comes a byte at a time, so that every value is cut off everywhere."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(1, size or 0))


def read(data: bytes, kind: type[io.BytesIO] = io.BytesIO) -> Any:
    """Reads a list or an object by its parts, anything else at once."""
    text = JsonText(kind(data))
    found: Any
    if text.next_character() == "[":
        found = list(text.elements())
    elif text.next_character() == "{":
        found = {key: text.value() for key in text.members()}
    else:
        found = text.value()
    text.end()
    return found


@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
@pytest.mark.parametrize(
    "data",
    [
        *(
            b"[]",
            b" [ ] ",
            b"{}",
            b"7",
            b'"x"',
            b"null",
            b"[1]",
            b"[12, 3.5e2,-1,true , null]\n",
            b'[["a", {"b": []}], "c"]',
        ),
        b'\xef\xbb\xbf["x"]',
        b'{"a": 1, "b": [1, 2], "a": 3}',
        b'["\\ud800", "\\udc00x", "\\ud83d\\ude00", "\\u0000\\n\\"", "\xc3\xa9\xe2\x82\xac"]',
        b'["' + b"x" * 1000 + b'", 1e999, 18446744073709551616]',
    ],
)
def test_values_are_what_json_makes_of_them(data: bytes, kind: type[io.BytesIO]) -> None:
    assert read(data, kind) == json.loads(data)


@pytest.mark.parametrize("kind", [io.BytesIO, Dripping])
@pytest.mark.parametrize(
    "data",
    [
        *(
            b"",
            b" ",
            b"[",
            b"[1",
            b"[1,",
            b"[1,]",
            b"[,1]",
            b"[1 2]",
            b"[1]]",
            b"[1] x",
            b"{",
            b'{"a"',
            b'{"a":',
            b'{"a":1',
        ),
        *(
            b'{"a":1,}',
            b"{1:2}",
            b"{'a':1}",
            b'{"a" 1}',
            b"[NaN]",
            b"[-Infinity]",
            b"[tru]",
            b'["x]',
            b'["\n"]',
            b"[1}",
        ),
        *(b'["\xff"]', b'["\xc3', b'["\\u12"]', b'["\\x"]', b"[" + b"9" * 5000 + b"]", b"[/**/]", b"nul"),
    ],
)
def test_what_is_no_json_is_refused_wherever_it_is_cut(data: bytes, kind: type[io.BytesIO]) -> None:
    with pytest.raises(BadJson):
        read(data, kind)


def test_an_error_says_where_it_is() -> None:
    with pytest.raises(BadJson, match="at character 9"):
        read(b'["abc", x, "def"]')
    with pytest.raises(BadJson, match="at character 200010"):
        read(b'["' + b'","' * 66668 + b'", ?' + b" " * 1000)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(BadJson, match="deeply"):
        JsonText(io.BytesIO(b"[" * 200_000)).value()


def test_one_value_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "PIECE_BYTES", 100)
    monkeypatch.setattr(json_text, "LONGEST_VALUE", 1000)

    assert read(b'["' + b"x" * 900 + b'"]') == ["x" * 900]
    with pytest.raises(ValueTooLong):
        read(b'["' + b"x" * 2000 + b'"]')
    assert len(read(b"[" + b'"x", ' * 1000 + b"0]")) == 1001
