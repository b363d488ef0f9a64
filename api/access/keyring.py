"""The keys of a running Loupe: those that the file has now."""

from __future__ import annotations

import hmac
import logging
from pathlib import Path

from shared.access import AccessKey, KeyFileError, digest_of, load_keys
from shared.errors import KeysUnreadable

log = logging.getLogger(__name__)

# What tells that a file was changed or exchanged.
Stamp = tuple[int, ...]


class Keyring:
    """Finds keys, and reads the file again whenever it has changed, so that nothing need be restarted.

    While the file is missing or broken nobody is let in: an earlier reading may have keys that were to be revoked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._keys: tuple[AccessKey, ...] = ()
        self._reason = ""

    def find(self, presented: str) -> AccessKey | None:
        """Returns the key that somebody presents, or None when it is none.

        Raises:
            KeysUnreadable: the file cannot be used.
        """
        return self.by_digest(digest_of(presented))

    def by_digest(self, digest: str) -> AccessKey | None:
        """Returns the key with a hash, as `find`. Every key is compared, each in the same time."""
        found = None
        for key in self._current():
            if hmac.compare_digest(key.sha256, digest):
                found = key
        return found

    def _current(self) -> tuple[AccessKey, ...]:
        stamp = self._look()
        if stamp is None or stamp != self._stamp:
            self._stamp = stamp
            self._read()
        if self._reason:
            raise KeysUnreadable("The access keys cannot be read, so nobody is let in. Loupe's log says why.")
        return self._keys

    def _look(self) -> Stamp | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size)

    def _read(self) -> None:
        try:
            self._keys, reason = load_keys(self._path), ""
        except KeyFileError as error:
            self._keys, reason = (), str(error)
        # Said once for each change, not for every request.
        if reason and reason != self._reason:
            log.error("nobody is let in: LOUPE_API_KEYS_FILE: %s", reason)
        self._reason = reason
