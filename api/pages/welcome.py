"""The first page while no model is served: the training that will change that, with its curve."""

from __future__ import annotations

import time

from flask import Response

from api.pages.refresh import EVERY_S
from api.pages.render import page
from api.pages.training import training_of
from api.services import services
from shared.jobs.model import Kind, Status

WORKING = (
    "The first model is in training",
    "Loupe draws pictures of its own and learns from them. This takes about a minute; then you can classify.",
)
ENDED = (
    "There is no model yet",
    "The last training gave none. Its page says why; Loupe tries again when it is started again.",
)
NOTHING = (
    "There is no model yet",
    "Loupe is just starting and will train a first model by itself. This takes about a minute.",
)


def welcome(status: int = 200) -> Response:
    """Returns the page with the newest training, which goes over to the form by itself once a model is there."""
    jobs = services().jobs.page(kind=Kind.TRAINING, limit=1).jobs
    now = time.time()
    if not jobs:
        heading, lead = NOTHING
        training = None
    else:
        # A training that succeeded has a model that is about to be served.
        heading, lead = ENDED if jobs[0].status in {Status.FAILED, Status.CANCELED} else WORKING
        training = training_of(jobs[0], now)
    return page(
        "welcome.html", http_status=status, refresh=EVERY_S, heading=heading, lead=lead, training=training, first=True
    )
