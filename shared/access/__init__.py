"""Access keys: what they are, what they allow, and the file that holds their hashes."""

from shared.access.key import AccessKey, Scope, digest_of, new_key
from shared.access.key_file import KeyFileError, changing, load_keys

__all__ = ["AccessKey", "KeyFileError", "Scope", "changing", "digest_of", "load_keys", "new_key"]
