"""The answer to one picture, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api import small_pictures
from api.pages import words
from api.pages.bars import Bar, empty_bars, score_bars
from api.pages.format import milliseconds
from api.services import services
from shared.items import ItemInput
from shared.jobs.model import Job, Json, Status
from shared.shares import percent

STEPS = {"fetch_ms": "fetched in", "decode_ms": "decoded in", "predict_ms": "predicted in"}
DOING = {
    Status.QUEUED: ("In the queue", "waiting"),
    Status.RUNNING: ("Working on it", "looking"),
    Status.CANCELING: ("Stopping", "canceling"),
    Status.CANCELED: ("No answer", "canceled"),
}


@dataclass(frozen=True)
class Answer:
    """What the page says about one picture.

    Attributes:
        name: the file's name or the picture's address.
        image: where its small picture is, if there is one.
        label: the answer; None until there is one.
        unsure: whether the score is below the threshold that was asked for.
        doing, heading: what stands in the answer's place until it is there.
        facts: how long each step took and which version answered.
    """

    name: str
    image: str | None
    label: str | None
    score: float | None
    unsure: bool
    threshold: float | None
    bars: Sequence[Bar]
    facts: Sequence[str]
    trouble: words.Trouble | None
    doing: str
    heading: str
    no_image: str

    @property
    def title(self) -> str:
        """The page's title."""
        return self.label or ("No answer" if self.trouble else self.heading.capitalize())

    @property
    def spoken(self) -> str:
        """What a screen reader says when the page changes."""
        if self.label and self.score is not None:
            return f"The answer is {self.label}, {percent(self.score)} sure."
        return f"No answer: {self.trouble.cause}" if self.trouble else f"{self.doing}."


def answer_of(job: Job, asked: ItemInput, labels: Sequence[str], why: str) -> Answer:
    """Returns the answer of a single job.

    Args:
        asked: what was given to classify.
        labels: the model's classes, whose empty bars hold the answer's place.
        why: why the job waits, if it does.
    """
    item = job.result or {}
    image = _image(job)
    doing, heading = DOING.get(job.status, ("", ""))
    bars = score_bars(item.get("predictions") or [], unsure=bool(item.get("below_threshold")))
    return Answer(
        name=asked.filename or asked.url or "",
        image=image,
        label=item.get("label"),
        score=item.get("score"),
        unsure=bool(item.get("below_threshold")),
        threshold=job.spec.get("threshold"),
        bars=bars if job.status.final else empty_bars(labels, int(job.spec.get("top_k") or len(labels))),
        facts=_facts(item),
        trouble=words.of_outcome(job.error) if job.error else None,
        doing=doing,
        heading=heading,
        no_image=why or ("There is no picture to show." if job.status.final else "The picture appears here."),
    )


def _image(job: Job) -> str | None:
    if job.status in {Status.SUCCEEDED, Status.FAILED} and small_pictures.is_kept(services(), job, 0):
        return f"/api/v1/jobs/{job.id}/items/0/image"
    return None


def _facts(item: Json) -> list[str]:
    # An upload is read from storage, not fetched from a host.
    steps = STEPS if item.get("url") else STEPS | {"fetch_ms": "read in"}
    timings = item.get("timings") or {}
    facts = [f"{step} {milliseconds(timings[name])}" for name, step in steps.items() if timings.get(name) is not None]
    model = item.get("model")
    if model and item.get("label") is not None:
        facts.append(f"by {model['name']} v{model['version']}")
    return facts
