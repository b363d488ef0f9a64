"""Pictures as a caller names them: an address, a file, or bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from loupe.bodies import Body, Form, Part, json_body
from loupe.errors import FileProblem

ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
NAMELESS = "picture"

Picture = str | PathLike[str] | bytes


def is_address(text: str) -> bool:
    """Tells an address from the name of a file."""
    return ADDRESS.match(text) is not None


def single_body(picture: Picture, options: Mapping[str, Any]) -> Body:
    """Returns the request that classifies one picture.

    Raises:
        FileProblem: it is a file that is not there.
    """
    if isinstance(picture, str) and is_address(picture):
        return json_body({"url": picture, **options})
    return Form(as_texts(options), [file_part(picture)])


def file_part(picture: Picture) -> Part:
    """Returns a picture as a part of a form.

    Raises:
        FileProblem: it is a file that is not there.
    """
    if isinstance(picture, bytes):
        return Part("file", NAMELESS, picture)
    file = Path(picture)
    if file.is_dir():
        raise FileProblem(f"{str(file)!r} is a folder; name the pictures in it.")
    if not file.exists():
        hint = (
            "" if file.parent.is_dir() and "/" not in str(picture) else " An address begins with http:// or https://."
        )
        raise FileProblem(f"There is no file {str(file)!r}.{hint}")
    return Part("file", file.name, file)


def as_texts(options: Mapping[str, Any]) -> dict[str, str]:
    """Returns options as fields of a form."""
    return {name: str(value) for name, value in options.items()}
