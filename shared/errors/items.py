"""One picture that cannot be classified."""

from __future__ import annotations

from shared.errors.base import LoupeError


class ItemError(LoupeError):
    """The root of what can go wrong with one picture. Becomes the item's outcome."""


class InvalidUrl(ItemError):
    """Raised when a string cannot be read as a URL."""

    code, title = "invalid_url", "This is not a web address"


class SchemeNotAllowed(ItemError):
    """Raised when a URL is neither http nor https."""

    code, title = "scheme_not_allowed", "Only http and https addresses are fetched"


class AddressNotAllowed(ItemError):
    """Raised when a host is, or resolves to, an address outside the public internet and `LOUPE_FETCH_ALLOW`."""

    code, title = "address_not_allowed", "The address is not on the public internet"


class TooManyRedirects(ItemError):
    """Raised when a host redirects more often than the cap."""

    code, title = "too_many_redirects", "The host redirects too often"


class DnsFailed(ItemError):
    """Raised when a host name has no address."""

    code, title, transient = "dns_failed", "The host name was not found", True


class ConnectFailed(ItemError):
    """Raised when no connection can be made, or it breaks."""

    code, title, transient = "connect_failed", "No connection could be made", True


class TlsFailed(ItemError):
    """Raised when the TLS handshake or the certificate fails."""

    code, title = "tls_failed", "The secure connection failed"


class FetchTimeout(ItemError):
    """Raised when a whole picture has not come within `LOUPE_FETCH_TIMEOUT_S`."""

    code, title = "fetch_timeout", "The picture did not come in time"


class HttpStatus(ItemError):
    """Raised when the host answers with a status that is not 2xx."""

    code, title = "http_status", "The host answered with an error"


class TooLarge(ItemError):
    """Raised when a picture has more bytes than `LOUPE_MAX_IMAGE_BYTES`."""

    code, title = "too_large", "The picture has too many bytes"


class TooManyPixels(ItemError):
    """Raised when a picture has more pixels than `LOUPE_MAX_IMAGE_PIXELS`."""

    code, title = "too_many_pixels", "The picture has too many pixels"


class NotAnImage(ItemError):
    """Raised when the bytes are no picture of a known format, or a broken one."""

    code, title = "not_an_image", "This is not a picture Loupe can read"


class UploadMissing(ItemError):
    """Raised when an upload is no longer in storage."""

    code, title = "upload_missing", "The uploaded picture is gone"


class ItemModelNotFound(ItemError):
    """Raised when the model or version was deleted after the job was accepted."""

    code, title = "model_not_found", "The model is gone"


class WorkerLost(ItemError):
    """Raised after an item's third lost attempt."""

    code, title = "worker_lost", "The worker died while working on this picture"


class Internal(ItemError):
    """Raised for what should not happen; the log has the traceback."""

    code, title = "internal", "Something went wrong in Loupe"
