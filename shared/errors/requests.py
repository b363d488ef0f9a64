"""What is wrong with a request, whatever it is about."""

from __future__ import annotations

from shared.errors.base import LoupeError


class BadRequest(LoupeError):
    """Raised when a request is not well-formed HTTP or multipart."""

    code, status, title = "bad_request", 400, "The request is not well-formed"


class RequestTimeout(LoupeError):
    """Raised when the head of a request does not come to its end in time."""

    code, status, title = "request_timeout", 408, "The request took too long to come"


class AddressTooLong(LoupeError):
    """Raised when the first line of a request is longer than 8,190 bytes."""

    code, status, title = "address_too_long", 414, "The address is too long"


class HeadersTooLarge(LoupeError):
    """Raised when a request has more than 100 headers, or one of more than 8,190 bytes."""

    code, status, title = "headers_too_large", 431, "The headers are too large"


class BadJson(LoupeError):
    """Raised when a JSON body cannot be parsed."""

    code, status, title = "bad_json", 400, "The body is not valid JSON"


class NotFound(LoupeError):
    """Raised when no page or endpoint has the path."""

    code, status, title = "not_found", 404, "There is nothing at this address"


class MethodNotAllowed(LoupeError):
    """Raised when the path exists and the method does not fit it."""

    code, status, title = "method_not_allowed", 405, "This method is not allowed here"


class BodyTooLarge(LoupeError):
    """Raised when a body is over `LOUPE_MAX_BODY_BYTES`, a batch of a folder 64 MiB, JSON but lists or a text 1 MiB."""

    code, status, title = "body_too_large", 413, "The body is too large"


class UnsupportedMediaType(LoupeError):
    """Raised when the endpoint does not take this content type."""

    code, status, title = "unsupported_media_type", 415, "This content type is not taken here"


class InvalidRequest(LoupeError):
    """Raised when fields or query values are wrong or unknown; `errors` names each."""

    code, status, title = "invalid_request", 422, "Some fields are not right"


class IdempotencyMismatch(LoupeError):
    """Raised when an Idempotency-Key comes again with other content."""

    code, status, title = "idempotency_mismatch", 422, "This Idempotency-Key was used for another request"
