"""Everything that can go wrong between a program and Loupe, in one tree."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldProblem:
    """One field, query value or line of a request that the server did not take."""

    field: str
    message: str


class LoupeError(Exception):
    """The root. Its text is one sentence or two for people, and `code` is stable for programs.

    Attributes:
        code: the server's own code, or one of the client's for what the server did not say.
    """

    code = "client_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ConfigurationError(LoupeError):
    """Raised when LOUPE_URL or an argument cannot be used; nothing was sent."""

    code = "configuration"


class FileProblem(LoupeError):
    """Raised when a local file is not there or cannot be read; nothing of it was sent."""

    code = "file_not_found"


class ConnectionFailed(LoupeError):
    """Raised when the server cannot be reached, or the connection broke and trying again did not help."""

    code = "connection_failed"


class UnexpectedAnswer(LoupeError):
    """Raised when something answers that does not speak as Loupe does."""

    code = "unexpected_answer"


class StillRunning(LoupeError):
    """Raised when a job has not ended in the time that was given; it goes on.

    Attributes:
        job_id: where to look again.
    """

    code = "still_running"

    def __init__(self, message: str, job_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id


class ItemFailed(LoupeError):
    """Raised when one picture could not be classified, with the code of its item."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ApiError(LoupeError):
    """Raised when the server refuses a request: its problem document (RFC 9457).

    Attributes:
        status: of the answer.
        errors: the fields that are not right.
    """

    def __init__(self, status: int, code: str, message: str, errors: tuple[FieldProblem, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.errors = errors


class NotFound(ApiError):
    """Raised on 404 and 410: a job, model, dataset or schedule that is not there, or no longer."""


class NotAllowed(ApiError):
    """Raised on 401, 403 and 421: the key is missing, unknown or of too small a scope, or the host is not allowed."""


class InvalidRequest(ApiError):
    """Raised on 422: what was asked for is not right; `errors` names the fields."""


class Conflict(ApiError):
    """Raised on 409: as things stand, this cannot be done."""


class Unavailable(ApiError):
    """Raised on 429 and 503 when trying again for as long as was allowed did not help."""


BY_STATUS: dict[int, type[ApiError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    421: NotAllowed,
    422: InvalidRequest,
    429: Unavailable,
    503: Unavailable,
}
