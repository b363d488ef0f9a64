"""The classify form: what it offers and what was entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.served import default_model
from api.pages.versions import ShownVersion
from api.pages.words import Trouble
from api.services import services
from shared.items import ItemInput
from shared.jobs.model import Job

# The offered thresholds as the form sends them; nothing means that no answer is marked.
THRESHOLDS = ("", "0.5", "0.6", "0.7", "0.8", "0.9", "0.95", "0.99")
SURE_FROM = "0.6"


@dataclass(frozen=True)
class Sample:
    """A sample picture as a button.

    Attributes:
        value: what the button sends.
        href: where the picture is.
    """

    value: str
    label: str
    href: str


@dataclass(frozen=True)
class Form:
    """The form as it is drawn.

    Attributes:
        model: the chosen model's name; None when one has to be chosen.
        trouble: what was wrong with what was sent, if anything.
        about: the field that the trouble is about.
    """

    url: str
    models: Sequence[ShownVersion]
    model: str | None
    threshold: str
    thresholds: Sequence[str]
    samples: Sequence[Sample]
    max_bytes: int
    trouble: Trouble | None = None
    about: str = ""


def make_form(
    models: Sequence[ShownVersion],
    *,
    url: str = "",
    model: str | None = None,
    threshold: str = SURE_FROM,
    trouble: Trouble | None = None,
    about: str = "",
) -> Form:
    """Returns the form with what was entered before."""
    default = default_model(models)
    chosen = next((m for m in models if m.name == model), default)
    offered = THRESHOLDS if threshold in THRESHOLDS else tuple(sorted({*THRESHOLDS, threshold}))
    return Form(
        url=url,
        models=models,
        model=chosen.name if chosen else None,
        threshold=threshold,
        thresholds=offered,
        samples=_samples(chosen) if chosen else (),
        max_bytes=int(services().settings.max_image_bytes),
        trouble=trouble,
        about=about,
    )


def form_after(job: Job, asked: ItemInput, models: Sequence[ShownVersion]) -> Form:
    """Returns the form for the next picture, set as it was for `job`; a failed address stands there to be corrected."""
    threshold = job.spec.get("threshold")
    return make_form(
        models,
        url=(asked.url or "") if job.error else "",
        model=(job.spec.get("model") or {}).get("name"),
        threshold="" if threshold is None else f"{threshold:g}",
    )


def _samples(model: ShownVersion) -> list[Sample]:
    version = f"{model.name}@{model.manifest.version}"
    return [
        Sample(f"{version}/{sample.file}", sample.label, f"/samples/{version}/{sample.file}")
        for sample in model.manifest.samples
    ]
