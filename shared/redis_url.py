"""Where Redis is: one place, for redis-py's clients and for Celery's broker.

Without `LOUPE_REDIS_URL` it is the embedded server, which listens on a Unix socket below the data folder.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from shared.settings import Settings

# The kernel takes 107 bytes for the path of a Unix socket, macOS 103; a margin is left.
MAX_SOCKET_PATH_BYTES = 100


def socket_path(settings: Settings) -> Path:
    """Returns the embedded server's socket: below the data folder, or in a private folder with a short path.

    The short one's name depends on the user and the data folder alone, never on TMPDIR, so that every shell
    finds the same. Whoever creates it checks that it is the user's own.
    """
    path = settings.data_dir / "run" / "redis.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(settings.data_dir)).hexdigest()[:16]
    return Path(f"/tmp/loupe-{os.getuid()}-{digest}/redis.sock")  # noqa: S108 - created with mode 700, owner checked


def redis_url(settings: Settings) -> str:
    """Returns the URL for `redis.Redis.from_url`."""
    if settings.redis_url:
        return settings.redis_url.get_secret_value()
    return f"unix://{quote(str(socket_path(settings)))}?db=0"


def broker_url(settings: Settings) -> str:
    """Returns the URL for Celery, which spells a Unix socket in another way than redis-py."""
    return as_broker_url(redis_url(settings))


def as_broker_url(url: str) -> str:
    """Turns a redis-py URL into Celery's spelling of the same server and database."""
    parts = urlsplit(url)
    if parts.scheme != "unix":
        return url
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    password = options.get("password") or unquote(parts.password or "")
    user = options.get("username") or unquote(parts.username or "")
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if password else ""
    return f"redis+socket://{login}{parts.path}?{urlencode({'virtual_host': options.get('db', '0')})}"
