"""The work of a single job's unit: one picture."""

from __future__ import annotations

from dataclasses import replace

from shared import items
from shared.items import ItemInput
from shared.jobs.lease import Lease
from shared.jobs.model import Claim, Outcome
from worker.outcome import Request
from worker.pictures import Pictures
from worker.pipeline import Pipeline


class SingleWork:
    """Classifies the picture of a claimed unit."""

    def __init__(self, pipeline: Pipeline, pictures: Pictures) -> None:
        self._pipeline = pipeline
        self._pictures = pictures

    def __call__(self, claim: Claim, lease: Lease) -> Outcome:
        """Returns how the job ends. Its small picture follows: whoever asks for it is made to wait a moment."""
        item = ItemInput.of(claim.payload["item"])
        classified = self._pipeline.classify(item, Request.of(claim.spec), lease)

        def after(others_wait: bool) -> None:
            self._pictures.keep(claim.job_id, classified, fine=not others_wait)
            self._pictures.forget([item])

        return replace(items.single_outcome(classified.item), after=after)
