"""An access key: 256 random bits for who has it, a hash and a scope for Loupe."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

from shared.schemas.base import Name

# What a key begins with, so that people and secret scanners know one when they see it.
PREFIX = "loupe_"
RANDOM_BYTES = 32

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Scope(StrEnum):
    """What a key allows; each one allows what those before it do."""

    CLASSIFY = "classify"
    TRAIN = "train"
    ADMIN = "admin"

    def covers(self, needed: Scope) -> bool:
        """Says whether this scope allows what `needed` does."""
        order = list(Scope)
        return order.index(self) >= order.index(needed)


class AccessKey(BaseModel):
    """A key as the file has it.

    Attributes:
        name: whose it is; jobs belong to the name.
        sha256: of the key. A key is 256 random bits, which nobody finds by trying, so there is nothing that a slow
            hash or a salt would add: they protect passwords, which people choose.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    scope: Scope
    sha256: Digest
    created_at: AwareDatetime


def new_key() -> str:
    """Returns a new key."""
    return PREFIX + secrets.token_urlsafe(RANDOM_BYTES)


def digest_of(key: str) -> str:
    """Returns a key's SHA-256 in hex digits; any text is taken."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
