from __future__ import annotations

import io

import pytest
from gunicorn.http.errors import InvalidHeader
from werkzeug.exceptions import ClientDisconnected

from api.body_stream import PAUSE_S, BodyStream
from shared.errors import BodyTooLarge


class Broken(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        raise ConnectionResetError


@pytest.mark.parametrize("length", [5, None])
def test_a_body_of_exactly_the_limit_is_read_whole(length: int | None) -> None:
    assert BodyStream(io.BytesIO(b"12345"), length, 5).read() == b"12345"


def test_a_length_over_the_limit_is_refused_before_anything_is_read() -> None:
    with pytest.raises(BodyTooLarge):
        BodyStream(io.BytesIO(), 6, 5)


def test_a_body_without_a_length_is_refused_at_the_limit() -> None:
    source = io.BytesIO(b"1" * 1000)

    with pytest.raises(BodyTooLarge):
        BodyStream(source, None, 5).read()

    assert source.tell() == 6


def test_others_have_their_turn_while_a_body_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[float] = []
    monkeypatch.setattr("api.body_stream.time.sleep", turns.append)
    monkeypatch.setattr("api.body_stream.TURN_S", 0)
    stream = BodyStream(io.BytesIO(b"\n" * 1000), None, 1000)

    while stream.read(100):
        pass

    assert turns == [PAUSE_S] * 11


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(ClientDisconnected):
        BodyStream(io.BytesIO(b"123"), 5, 5).read()
    with pytest.raises(ClientDisconnected):
        BodyStream(Broken(), None, 5).read()


def test_chunks_that_gunicorn_cannot_read_are_a_body_that_breaks_off() -> None:
    class Odd(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise InvalidHeader("behind the last chunk")

    with pytest.raises(ClientDisconnected):
        BodyStream(Odd(), None, 5).read()
