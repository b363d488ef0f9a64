"""A span for each phase of a child's work, and within `training` one for each epoch.

Made by the parent, of what the child says: one that is killed leaves its spans all the same, and no child loads an
exporter, or waits at its end for a collector.
"""

from __future__ import annotations

from contextlib import ExitStack

from shared import tracing

TRAINING = "training"


class PhaseSpans:
    """The spans of a unit at hand; one thread's."""

    def __init__(self) -> None:
        self._phase, self._epoch = ExitStack(), ExitStack()
        self._at = ("", 0)

    def enter(self, phase: str, epoch: int = 0) -> None:
        """Begins a phase, or an epoch of it, and ends the one before; it may be said again and again."""
        if (phase, epoch) == self._at:
            return
        self._epoch.close()
        if phase != self._at[0]:
            self._phase.close()
            if phase:
                self._phase.enter_context(tracing.span(phase))
        if phase == TRAINING and epoch:
            self._epoch.enter_context(tracing.span("epoch", attributes={"loupe.epoch": epoch}))
        self._at = (phase, epoch)

    def end(self, error: str = "") -> None:
        """Ends what is open.

        Args:
            error: the code of the error that it ended with.
        """
        for one in (self._epoch, self._phase):
            if self._at[0] and error:
                tracing.note({}, error)
            one.close()
        self._at = ("", 0)
