"""Where a request's uploads wait: one temporary file a request, however many pictures it brings.

Werkzeug would keep each small file in memory and give each large one a descriptor of its own; thousands of pictures
in one form would exhaust either.
"""

from __future__ import annotations

import io
import tempfile
from functools import cached_property
from typing import IO, Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.wsgi import get_input_stream

from api.body_stream import BodyStream, Turns
from api.intake.rows import too_many
from shared.errors import BadRequest, BodyTooLarge

# The options of a form are short texts; the longest is a list that was pasted.
MAX_FORM_TEXT_BYTES = 1024 * 1024
# Besides its files a form has a few options.
MOST_TEXTS = 32


class Part(io.RawIOBase):
    """One uploaded file within the spool: written once from its start, then read."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._start = spool.seek(0, io.SEEK_END)
        self._size = 0
        self._at = 0
        self._turns = Turns()

    def write(self, data: Any) -> int:
        """Adds bytes at the end; parts are written one after the other."""
        self._spool.seek(self._start + self._size)
        self._size += len(data)
        return self._spool.write(data)

    def readable(self) -> bool:
        """A part can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads on from where the last read ended."""
        self._turns.give()
        self._spool.seek(self._start + self._at)
        data = self._spool.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seekable(self) -> bool:
        """A part can be read again."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves to a place in the part."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at


class SpoolingRequest(Request):
    """A request that puts its uploads into one spool, and refuses a broken form instead of reading it as empty."""

    max_form_memory_size = MAX_FORM_TEXT_BYTES
    _spool: IO[bytes] | None = None
    _file_count = 0

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body."""
        source: IO[bytes] = self.environ["wsgi.input"]
        if "wsgi.input_terminated" not in self.environ:
            # A server that does not say where the body ends leaves that to its length.
            source = get_input_stream(self.environ)
        return BodyStream(source, self.content_length, self.max_content_length or 0)  # type: ignore[return-value]

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - werkzeug passes them by name
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        self._file_count += 1
        most = (self.max_form_parts or 0) - MOST_TEXTS
        if self._file_count > most:
            raise too_many(most)
        if self._spool is None:
            self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request
        return Part(self._spool)  # type: ignore[return-value]

    def _load_form_data(self) -> None:
        if self.mimetype == "application/x-www-form-urlencoded":
            # Werkzeug reads it all at once and holds it to no limit but that of the body.
            self.max_content_length = min(self.max_content_length or MAX_FORM_TEXT_BYTES, MAX_FORM_TEXT_BYTES)
        try:
            super()._load_form_data()
        except RequestEntityTooLarge:
            raise BodyTooLarge(
                f"A form takes up to {MOST_TEXTS} texts of at most {MAX_FORM_TEXT_BYTES / 1024**2:g} MiB each. "
                "Send a longer list as a file."
            ) from None
        except ValueError as error:
            raise BadRequest(f"The form cannot be read: {error}.") from None
        if None in self.form or None in self.files:
            raise BadRequest("The form cannot be read: a part of it has no name.")

    def make_form_data_parser(self) -> FormDataParser:
        """Returns a parser that says when a form is broken."""
        parser = super().make_form_data_parser()
        parser.silent = False
        return parser

    def close(self) -> None:
        """Removes the spool."""
        super().close()
        if self._spool is not None:
            self._spool.close()
