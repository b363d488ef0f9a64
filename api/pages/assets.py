"""Addresses of static files that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, url_for

HASH_DIGITS = 10
FOR_EVER = "public, max-age=31536000, immutable"


@cache
def content_hash(path: Path) -> str:
    """Returns the first hex digits of a file's SHA-256. Files of a running process do not change."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:HASH_DIGITS]


def asset(name: str) -> str:
    """Returns the URL of a static file, with its content's hash in the query."""
    folder = Path(str(current_app.static_folder))
    return url_for("static", filename=name, v=content_hash(folder / name))


def keep_assets(response: Response) -> Response:
    """Lets browsers keep a static file that was asked for with the right hash."""
    # A browser that asks again and hears that nothing changed takes over the headers that it hears it with.
    if request.endpoint != "static" or response.status_code not in {200, 304}:
        return response
    hashed = request.args.get("v")
    path = Path(str(current_app.static_folder)) / str((request.view_args or {}).get("filename"))
    if content_hash(path) == hashed:
        response.headers["Cache-Control"] = FOR_EVER
    return response


def register_assets(app: Flask) -> None:
    """Offers `asset` to all templates."""
    app.add_template_global(asset)
    app.after_request(keep_assets)
