"""`python -m api.keys`: makes, lists and revokes access keys. What `make key`, `make keys` and `make revoke` call.

It needs no running Loupe; a running one sees the change with its next request.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from shared import audit
from shared.access import AccessKey, KeyFileError, Scope, changing, digest_of, load_keys, new_key
from shared.schemas.base import NAME_PATTERN
from shared.settings import Settings, SettingsError, load_settings

# Where the file is put when no setting says so.
DEFAULT_NAME = "keys.json"
# Who did it in the audit log: whoever may run commands on this machine.
OPERATOR = "operator"


class Refused(Exception):
    """Raised when a command cannot be followed; its text says what was expected and what came."""


def main(argv: Sequence[str]) -> int:
    """Follows one command. Returns 0, or 2 when it was wrong and nothing was changed."""
    parser = argparse.ArgumentParser(prog="api.keys", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key and show it once")
    create.add_argument("name")
    create.add_argument("scope")
    commands.add_parser("list", help="list the keys' names and scopes")
    commands.add_parser("revoke", help="make a key worthless").add_argument("name")
    asked = parser.parse_args(argv)
    try:
        settings = load_settings()
        path = settings.api_keys_file or settings.data_dir / DEFAULT_NAME
        if asked.command == "create":
            _create(settings, path, asked.name, asked.scope)
        elif asked.command == "revoke":
            _revoke(settings, path, asked.name)
        else:
            _list(path)
    except (Refused, KeyFileError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _create(settings: Settings, path: Path, name: str, scope: str) -> None:
    """Makes a key. It alone goes to standard output, so that a shell can keep it."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise Refused(f"NAME: expected a-z, 0-9, _ and -, at most 64, received {name!r}")
    if scope not in set(Scope):
        raise Refused(f"SCOPE: expected {', '.join(Scope)}, received {scope!r}")
    key = new_key()
    made = AccessKey(name=name, scope=Scope(scope), sha256=digest_of(key), created_at=_now())
    with changing(path) as keys:
        if any(other.name == name for other in keys):
            raise Refused(f"NAME: {name!r} has a key already; revoke that first, or choose another name")
        keys.append(made)
    audit.record(settings.data_dir, OPERATOR, "created key", name, scope=scope)
    sys.stdout.write(f"{key}\n")
    sys.stderr.write(f"The key of {name}, scope {scope}. It is shown this once: only its hash is kept, in {path}.\n")
    if settings.api_keys_file is None:
        sys.stderr.write(f"Loupe asks for keys once it is started with LOUPE_API_KEYS_FILE={path}\n")


def _revoke(settings: Settings, path: Path, name: str) -> None:
    with changing(path) as keys:
        left = [key for key in keys if key.name != name]
        if len(left) == len(keys):
            known = ", ".join(sorted(key.name for key in keys)) or "none"
            raise Refused(f"NAME: expected the name of a key, received {name!r}; there are: {known}")
        keys[:] = left
    audit.record(settings.data_dir, OPERATOR, "revoked key", name)
    sys.stderr.write(f"The key of {name} is worthless from now on, and its sessions have ended.\n")


def _list(path: Path) -> None:
    keys = load_keys(path) if path.exists() else ()
    sys.stderr.write(f"{len(keys)} in {path}\n")
    for key in sorted(keys, key=lambda key: key.name):
        sys.stdout.write(f"{key.name}\t{key.scope}\t{key.created_at:%Y-%m-%d %H:%M} UTC\n")


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
