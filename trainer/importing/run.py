"""Runs one import in a process of its own, and listens to it. What a picture breaks, breaks there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.errors import ImportFailed
from trainer.children.listen import Event, Wish, run_child
from trainer.importing.spec import ImportSpec

MODULE = "trainer.importing"


def run_import(spec: ImportSpec, *, on_event: Callable[[Event], None], wish: Callable[[], Wish]) -> dict[str, Any]:
    """Imports a dataset. Blocks until then; the child has ended when this returns or raises.

    Args:
        on_event: gets each event of the child; what it raises ends the import and is raised again. Events are
            `{"event": "waiting", "seconds", "reason"}` before a wait that says nothing and takes at most `seconds`, and
            `{"event": "progress", "phase", "done", "failed", "total"}`, where `done` and `total` count pictures and
            `phase` is reading or writing.
        wish: asked several times a second.

    Returns:
        `dataset`, `created` and `report`.

    Raises:
        ChildStopped: `wish` said so, and no version was written.
        LoupeError: the import failed; the message is for the user.
    """
    return run_child(MODULE, spec.model_dump_json(), on_event=on_event, wish=wish, failed=ImportFailed)
