"""How large the body of a request may be where it is less than `LOUPE_MAX_BODY_BYTES`."""

from __future__ import annotations

from flask import Flask, request

from api.folder_uploads import MOST_BATCH_BYTES

# A key, a token, and the path that the visitor wanted to be at.
SIGN_IN_BYTES = 64 * 1024

LIMITS = {
    "folder_uploads.batch": MOST_BATCH_BYTES,
    "pages_sign_in.sign_in": SIGN_IN_BYTES,
    "pages_sign_in.sign_out": SIGN_IN_BYTES,
    "pages_upload.batch": MOST_BATCH_BYTES,
}


def register_body_limits(app: Flask) -> None:
    """Sets the limit before anything reads a form: its token is looked for first, and that reads all of it."""

    @app.before_request
    def limit() -> None:
        most = LIMITS.get(request.endpoint or "")
        if most is not None:
            request.max_content_length = min(request.max_content_length or most, most)
