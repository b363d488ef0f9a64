"""Runs the import of a model in a process of its own, and listens to it. What the file breaks, breaks there."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import ImportFailed
from shared.registry import Manifest, Registry
from trainer.children.listen import Event, Wish, run_child
from trainer.model_import.spec import ModelImportSpec
from trainer.publishing.published import published_once

MODULE = "trainer.model_import"


def run_model_import(
    registry: Registry, spec: ModelImportSpec, *, on_event: Callable[[Event], None], wish: Callable[[], Wish]
) -> Manifest:
    """Imports a model and publishes it as a version. The child has ended when this returns or raises.

    If this job's version is there already, because an earlier attempt ended right after publishing, or stood still and
    went on, that is the result.

    Args:
        on_event: gets each event of the child; what it raises ends the import and is raised again. Events are
            `{"event": "waiting", "seconds", "reason"}` before a wait that says nothing and takes at most `seconds`, and
            `{"event": "progress", "phase", "done", "failed", "total"}`, where `done` and `total` count test pictures
            and `phase` is preparing, evaluating or publishing.
        wish: asked several times a second.

    Raises:
        VersionExists: another job published this version.
        ChildStopped: `wish` said so, and nothing was published.
        LoupeError: the import failed; the message is for the user.
    """

    def take() -> None:
        run_child(MODULE, spec.model_dump_json(), on_event=on_event, wish=wish, failed=ImportFailed)

    published = published_once(registry, spec.model, spec.version, spec.job_id, take)
    if published is None:
        raise ImportFailed("The import said that it published a version, and there is none.")
    return published
