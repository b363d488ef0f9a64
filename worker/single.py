"""The work of a single job's unit: one picture, in steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared import items
from shared.items import ItemInput
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome
from worker.outcome import Classified, Ready, Request
from worker.pictures import Pictures
from worker.pipeline import Pipeline


class SingleWork:
    """Classifies the pictures of claimed units, each in two steps or at once."""

    def __init__(self, pipeline: Pipeline, pictures: Pictures) -> None:
        self._pipeline = pipeline
        self._pictures = pictures

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Does all of it. Returns how the job ends."""
        return self._outcome(claim, self._pipeline.classify(_item(claim), Request.of(claim.spec), lease))

    def prepare(self, claim: Claim, lease: Lease) -> Ready | Outcome:
        """Returns a picture ready to be predicted; how its job ends if something is wrong with it."""
        ready = self._pipeline.prepare(_item(claim), Request.of(claim.spec), lease)
        return ready if isinstance(ready, Ready) else self._outcome(claim, ready)

    def predict(self, batch: Sequence[tuple[Claim, Ready]]) -> list[Outcome]:
        """Returns how the jobs end whose pictures these are."""
        done = self._pipeline.predict([ready for _, ready in batch])
        return [self._outcome(claim, classified) for (claim, _), classified in zip(batch, done, strict=True)]

    def _outcome(self, claim: Claim, classified: Classified) -> Outcome:
        # Its small picture follows: whoever asks for it is made to wait a moment.
        def after(others_wait: bool) -> None:
            self._pictures.keep(claim.job_id, classified, fine=not others_wait)
            self._pictures.forget([_item(claim)])

        return replace(items.single_outcome(classified.item), after=after)


def _item(claim: Claim) -> ItemInput:
    return ItemInput.of(claim.payload["item"])
