"""Bodies of requests. Each can be read again from its start, so that a request can be sent again."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from loupe.errors import FileProblem

PIECE_BYTES = 64 * 1024


class Content(Protocol):
    """What is read while it is sent. It has a length, or is a file: it is not sent in chunks."""

    def read(self, size: int = -1, /) -> bytes:
        """Returns at most so many bytes; none at the end."""

    def close(self) -> None:
        """Closes its files."""


class Body(Protocol):
    """What is sent."""

    @property
    def content_type(self) -> str:
        """Its media type."""

    def open(self) -> Content:
        """Returns it from its start."""


@dataclass(frozen=True)
class Bytes:
    """Bytes in memory."""

    data: bytes
    content_type: str

    def open(self) -> Content:
        """Returns them from their start."""
        return io.BytesIO(self.data)


@dataclass(frozen=True)
class FileBody:
    """A file, read while it is sent."""

    path: Path
    content_type: str

    def open(self) -> Content:
        """Returns the file from its start."""
        return open_file(self.path)


def json_body(value: Any) -> Bytes:
    """Returns a value as a JSON body."""
    return Bytes(json.dumps(value).encode("ascii"), "application/json")


@dataclass(frozen=True)
class Part:
    """A file of a form.

    Attributes:
        content: a file, read while it is sent, or bytes.
    """

    field: str
    filename: str
    content: Path | bytes

    def open(self) -> BinaryIO:
        """Returns the content from its start."""
        return io.BytesIO(self.content) if isinstance(self.content, bytes) else open_file(self.content)


@dataclass(frozen=True)
class Form:
    """`multipart/form-data` as RFC 7578 has it, its files read while they are sent.

    `requests` holds a whole form in memory; an archive of pictures may not fit.
    """

    fields: Mapping[str, str]
    parts: Sequence[Part]
    boundary: str = field(default_factory=lambda: f"loupe-{uuid.uuid4().hex}")

    @property
    def content_type(self) -> str:
        """Its media type."""
        return f"multipart/form-data; boundary={self.boundary}"

    def open(self) -> Joined:
        """Returns the form from its start."""
        pieces: list[BinaryIO] = []
        for name, value in self.fields.items():
            pieces.append(io.BytesIO(self._head(f'name="{name}"') + value.encode("utf-8", "replace") + b"\r\n"))
        for part in self.parts:
            said = f'name="{part.field}"; filename="{_quoted(part.filename)}"\r\nContent-Type: application/octet-stream'
            pieces += [io.BytesIO(self._head(said)), part.open(), io.BytesIO(b"\r\n")]
        pieces.append(io.BytesIO(f"--{self.boundary}--\r\n".encode()))
        return Joined(pieces)

    def _head(self, disposition: str) -> bytes:
        # A file's name may hold bytes that are no text.
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode("utf-8", "replace")


class Joined:
    """Files one after another, read as one whose length is known."""

    def __init__(self, pieces: Sequence[BinaryIO]) -> None:
        self._pieces = pieces
        self._turn = 0
        self._length = sum(_length(piece) for piece in pieces)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self.read(PIECE_BYTES), b"")

    def read(self, size: int = -1, /) -> bytes:
        """Reads from the piece whose turn it is; nothing when all were read."""
        while self._turn < len(self._pieces):
            if data := self._pieces[self._turn].read(size):
                return data
            self._turn += 1
        return b""

    def close(self) -> None:
        """Closes all pieces."""
        for piece in self._pieces:
            piece.close()


def open_file(path: Path) -> BinaryIO:
    """Opens a local file.

    Raises:
        FileProblem: it is not there, or cannot be read.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FileProblem(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise FileProblem(f"{str(path)!r} cannot be read: {error.strerror}.") from None


def _length(file: BinaryIO) -> int:
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    return length


def _quoted(filename: str) -> str:
    """As browsers write a file name: https://html.spec.whatwg.org/#multipart-form-data"""
    escapes = {'"': "%22", "\r": "%0D", "\n": "%0A"}
    return re.sub('["\r\n]', lambda found: escapes[found[0]], filename)
