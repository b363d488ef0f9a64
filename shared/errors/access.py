"""Who may ask, from where, and how often."""

from __future__ import annotations

from shared.errors.base import LoupeError


class Unauthorized(LoupeError):
    """Raised when a request comes without an access key, or with one that is not known."""

    code, status, title = "unauthorized", 401, "An access key is needed"


class CrossSiteRefused(LoupeError):
    """Raised when a page of another site drives Loupe."""

    code, status, title = "cross_site_refused", 403, "Requests from other sites are refused"


class Forbidden(LoupeError):
    """Raised when the access key's scope is too small for what is asked."""

    code, status, title = "forbidden", 403, "This access key may not do that"


class FormTokenWrong(LoupeError):
    """Raised when a form was not sent from a page of the same session."""

    code, status, title = "form_token_wrong", 403, "The form cannot be taken"


class HostNotAllowed(LoupeError):
    """Raised when the Host header names neither loopback nor an allowed host."""

    code, status, title = "host_not_allowed", 421, "This host name is not allowed"


class _Limited(LoupeError):
    """The root of limits that end by themselves."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RateLimited(_Limited):
    """Raised when an access key asks too often, or somebody tries to sign in too often."""

    code, status, title, transient = "rate_limited", 429, "Too many requests", True


class QuotaSpent(_Limited):
    """Raised when an access key has had as many pictures classified as it may have in a day."""

    code, status, title, transient = "quota_spent", 429, "The key's pictures of the day are spent", True


class KeysUnreadable(LoupeError):
    """Raised when the file of access keys is missing or broken."""

    code, status, title, transient = "keys_unreadable", 503, "The access keys cannot be read", True
