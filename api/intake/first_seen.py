"""Tells which URLs of a list came before, in 20 bytes or so for each, however long they are."""

from __future__ import annotations

import hashlib
import secrets
from array import array

DIGEST_BYTES = 8
FIRST_SLOTS = 1024
EMPTY = 0


class FirstSeen:
    """Numbers distinct texts in the order they first came.

    An open-addressing hash table of plain arrays: a dict of 100,000 digests takes 11 MB, this 2 MB. Texts are known by
    keyed 64-bit digests. The key is the process's secret, so that nobody can make two URLs pass for one; by chance it
    happens once in three billion lists of 100,000.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._digests = array("Q")
        # Each slot holds a text's number plus one.
        self._slots = array("I", [EMPTY]) * FIRST_SLOTS

    def __len__(self) -> int:
        return len(self._digests)

    def number(self, text: bytes) -> tuple[int, bool]:
        """Returns a text's number, and whether it is new."""
        digest = int.from_bytes(hashlib.blake2b(text, digest_size=DIGEST_BYTES, key=self._key).digest(), "big")
        slot = self._find(digest)
        if self._slots[slot] != EMPTY:
            return self._slots[slot] - 1, False
        self._digests.append(digest)
        self._slots[slot] = len(self._digests)
        if len(self._digests) * 2 > len(self._slots):
            self._grow()
        return len(self._digests) - 1, True

    def _find(self, digest: int) -> int:
        """Returns the slot that holds a digest, or the empty one where it belongs."""
        mask = len(self._slots) - 1
        slot = digest & mask
        while (held := self._slots[slot]) != EMPTY and self._digests[held - 1] != digest:
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        self._slots = array("I", [EMPTY]) * (len(self._slots) * 2)
        for number, digest in enumerate(self._digests):
            self._slots[self._find(digest)] = number + 1
