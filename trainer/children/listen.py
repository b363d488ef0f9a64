"""Runs a child process and listens to it: what it says goes to the caller, and so does how it ends."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Literal

from shared import errors
from shared.errors import LoupeError
from trainer.children.child import Child
from trainer.children.events import SILENT_S

log = logging.getLogger(__name__)

Event = dict[str, Any]
# What the caller wants of the child: nothing, an end without a result, or an end soon with what there is.
Wish = Literal["", "stop", "keep"]

# How often the caller is asked what it wants while the child has nothing to say.
ASK_EVERY_S = 0.2


class ChildStopped(Exception):
    """Raised when the child ended because it was told to, without a result."""


def run_child(
    module: str,
    spec: str,
    *,
    on_event: Callable[[Event], None],
    wish: Callable[[], Wish],
    failed: type[LoupeError],
    tries: int = 1,
) -> Event:
    """Runs a module of ours in a process of its own. The process has ended when this returns or raises.

    Args:
        module: runs `trainer.children.entry.run`.
        spec: what it is to do, as JSON.
        on_event: gets each event but the last, and a `waiting` at each start; what it raises ends the child and is
            raised again.
        wish: asked several times a second.
        failed: the error for an end that the child could not explain.
        tries: how often it is started, should it be killed.

    Returns:
        What the child ended with.

    Raises:
        ChildStopped: it was told to stop.
        LoupeError: what went wrong, in words for the user.
    """
    for left in reversed(range(tries)):
        done, ended = _run_once(module, spec, on_event, wish, failed)
        if done is not None:
            return done
        if not left or not ended.startswith("signal"):
            break
        log.warning("%s ended by %s and is started again", module, ended)
    raise failed(f"The process ended without a result ({ended}). The log has more.")


def _run_once(
    module: str, spec: str, on_event: Callable[[Event], None], wish: Callable[[], Wish], failed: type[LoupeError]
) -> tuple[Event | None, str]:
    """Returns what the child ended with, None if it could not say, and how it ended in words."""
    done: Event | None = None
    with Child(module, spec) as child:
        # It has nothing to say until its libraries are there.
        on_event({"event": "waiting", "seconds": SILENT_S, "reason": "starting"})
        while not child.ended:
            event = child.next_event(ASK_EVERY_S)
            _tell(child, wish())
            if event is None:
                continue
            if event["event"] == "done":
                done = event["result"]
            elif not _is_end(event, failed):
                on_event(event)
        ended = child.wait()
    if done is None and child.told:
        # It died of the signal, before it listened to any, or was too slow to stop.
        raise ChildStopped
    return done, ended


def _tell(child: Child, wish: Wish) -> None:
    if wish == "stop":
        child.stop()
    elif wish == "keep":
        child.keep()


def _is_end(event: Event, failed: type[LoupeError]) -> bool:
    """Returns False for an event in between; raises how the child ended otherwise."""
    if event["event"] == "stopped":
        raise ChildStopped
    if event["event"] == "failed":
        raise _kinds().get(event["code"], failed)(event["message"])
    return False


def _kinds() -> dict[str, type[LoupeError]]:
    """Returns our errors by code. A picture's error hides none of a job's."""
    found = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LoupeError)]
    return {kind.code: kind for kind in sorted(found, key=lambda kind: not issubclass(kind, errors.ItemError))}
