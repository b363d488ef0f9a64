"""What every reader of a .zip has to reckon with: how its files are packed, and how Python says that it is broken."""

from __future__ import annotations

import struct
import zipfile
import zlib

# Others could claim gigabytes of memory for a dictionary.
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# What Python's reader raises of a broken archive whose files are packed by one of those methods: RuntimeError, and what
# derives from it, where it asks for a password or reads no further; OSError, ValueError and OverflowError for names and
# places that cannot be. A caller that writes as well keeps the OSError of its own disk apart.
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
