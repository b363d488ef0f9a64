"""JSON read value by value from a body of any length.

The values are read by Python's own decoder, so that a long list means what it would mean to `json.loads`, and as fast:
ijson takes as long for its events alone (0.28 s for 100,000 items, against 0.26 s for whole objects), turns half of a
surrogate pair into a question mark, and fails inside its C code on a number of 5,000 digits.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from api.bodies import refuse_constant
from shared.errors import BadJson

PIECE_BYTES = 64 * 1024
# A URL of 8,192 characters may take twelve bytes for each; with an id there is room to spare.
LONGEST_VALUE = 128 * 1024
# A broken value shows itself at most so far from the end of what was read of it: `-Infinit`, `\ud83d\ude0`.
NEAR_THE_END = 16

SPACE = re.compile(r"[ \t\n\r]*")
DECODER = json.JSONDecoder(parse_constant=refuse_constant)


class ValueTooLong(Exception):
    """Raised when one value, not counting the lists that are read item by item, has more than 128 Ki characters."""


class JsonText:
    """A window that moves over the text of a body.

    Every method raises `BadJson` where the text is not JSON.
    """

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._before = 0
        self._ended = False

    def next_character(self) -> str:
        """Returns the next character that is no space, and stays before it; nothing at the end."""
        if self._at < len(self._text) and self._text[self._at] not in " \t\n\r":
            return self._text[self._at]
        while True:
            self._at = SPACE.match(self._text, self._at).end()  # type: ignore[union-attr] # it matches nothing, too
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read():
                return ""

    def members(self) -> Iterator[str]:
        """Yields the keys of the object that begins here; who takes a key reads its value before the next."""
        for _ in self._parts("{", "}"):
            key = self.value() if self.next_character() == '"' else None
            if not isinstance(key, str):
                raise self._expected("a key in double quotes")
            self._take(":")
            yield key

    def elements(self) -> Iterator[Any]:
        """Yields the values of the list that begins here."""
        for _ in self._parts("[", "]"):
            yield self.value()

    def value(self) -> Any:
        """Returns the value that begins here, whole.

        Raises:
            ValueTooLong: it is too long to be anything that is taken.
        """
        self.next_character()
        while True:
            try:
                found, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                cut_off = error.msg.startswith("Unterminated") or error.pos > len(self._text) - NEAR_THE_END
                if not cut_off or not self._read_value():
                    raise BadJson(
                        f"The body cannot be read as JSON: {error.msg} at character {self._before + error.pos + 1}."
                    ) from None
            except RecursionError:
                raise BadJson("The JSON is nested too deeply.") from None
            except ValueError as error:
                raise BadJson(f"The body cannot be read as JSON: {error}.") from None
            else:
                # A number may go on in the next piece: `3`, `3.`, `3e+`.
                if end < len(self._text) - NEAR_THE_END or not self._read_value():
                    self._at = end
                    return found

    def end(self) -> None:
        """Checks that nothing follows."""
        if self.next_character():
            raise self._expected("the end")

    def _parts(self, begin: str, end: str) -> Iterator[None]:
        self._take(begin)
        if self.next_character() == end:
            return self._take(end)
        while True:
            yield
            if self.next_character() != ",":
                return self._take(end)
            self._at += 1

    def _take(self, character: str) -> None:
        if self.next_character() != character:
            raise self._expected(repr(character))
        self._at += 1

    def _read_value(self) -> bool:
        if len(self._text) - self._at > LONGEST_VALUE:
            raise ValueTooLong
        return self._read()

    def _read(self) -> bool:
        """Moves the window on: what was taken is dropped, and a piece is added. Returns whether there was one."""
        if self._ended:
            return False
        piece = self._body.read(PIECE_BYTES)
        self._ended = not piece
        self._before += self._at
        try:
            self._text = self._text[self._at :] + self._decoder.decode(piece, final=self._ended)
        except UnicodeDecodeError as error:
            raise BadJson(f"The body cannot be read as JSON: it is not UTF-8: {error.reason}.") from None
        self._at = 0
        return True

    def _expected(self, what: str) -> BadJson:
        found = self.next_character()
        where = f"at character {self._before + self._at + 1}" if found else "at the end"
        return BadJson(f"The body cannot be read as JSON: {what} is expected {where}, received {found!r}.")
