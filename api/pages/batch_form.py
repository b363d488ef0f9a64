"""The form for lists: what it offers, what was entered, and what came of checking it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.pages.form import SURE_FROM, THRESHOLDS
from api.pages.format import plural
from api.pages.inputs import Input
from api.pages.served import default_model
from api.pages.versions import ShownVersion
from api.pages.webhook_field import webhook_field
from api.pages.words import Trouble, next_step
from api.services import services
from shared.schemas.classification import ClassificationCheck
from shared.schemas.problem import ProblemField

# The offered shares of failures beyond which a whole list has failed; nothing means that it never does.
FAILURE_RATES = ("", "0.01", "0.05", "0.1", "0.25", "0.5")
MOST_LINES = 20


@dataclass(frozen=True)
class Found:
    """What a check found.

    Attributes:
        what: what was checked, such as the name of a file.
        noun: what of it may be wrong, a line or a file.
        counts: (number, words).
        answers: which version answers, if one does.
        lines: what is wrong with single lines, the first of them.
        more: how many wrong lines are not among these.
        troubles: what else is in the way.
        again: whether the files have to be chosen again before the start, because no form can keep them.
    """

    ready: bool
    what: str
    noun: str
    counts: Sequence[tuple[int, str]]
    answers: str
    lines: Sequence[ProblemField]
    more: int
    troubles: Sequence[Trouble]
    again: bool

    @property
    def heading(self) -> str:
        """What came of it in a few words."""
        if self.ready:
            return "Ready to start"
        bad = len(self.lines) + self.more
        return f"{plural(bad, f'{self.noun} is', f'{self.noun}s are')} not right" if bad else "Not yet"


@dataclass(frozen=True)
class BatchForm:
    """The form as it is drawn.

    Attributes:
        text: the pasted list.
        model: the chosen model's name; None when one has to be chosen.
        webhook: the field for who is told of the end, where that can be.
        trouble: what was wrong with what was sent, if anything.
        about: the field that the trouble is about: list, file or options.
    """

    text: str
    models: Sequence[ShownVersion]
    model: str | None
    threshold: str
    thresholds: Sequence[str]
    failure_rate: str
    failure_rates: Sequence[str]
    webhook: Input | None
    max_items: int
    max_bytes: int
    found: Found | None
    trouble: Trouble | None
    about: str


def batch_form(
    models: Sequence[ShownVersion],
    entered: Mapping[str, str],
    *,
    text: str = "",
    found: Found | None = None,
    trouble: Trouble | None = None,
    about: str = "",
) -> BatchForm:
    """Returns the form with what was entered before."""
    default = default_model(models)
    chosen = next((model for model in models if model.name == entered.get("model")), default)
    threshold, rate = entered.get("threshold", SURE_FROM), entered.get("max_failure_rate", "")
    settings = services().settings
    return BatchForm(
        text=text,
        models=models,
        model=chosen.name if chosen else None,
        threshold=threshold,
        thresholds=THRESHOLDS,
        failure_rate=rate,
        failure_rates=FAILURE_RATES,
        webhook=webhook_field(entered.get("webhook", "")),
        max_items=int(settings.max_items),
        max_bytes=int(settings.max_body_bytes),
        found=found,
        trouble=trouble,
        about=about,
    )


def found_of(check: ClassificationCheck, what: str, noun: str, *, again: bool) -> Found:
    """Returns a check's findings as people read them; for the other arguments see `Found`."""
    counts = [(check.items, "picture" if check.items == 1 else "pictures")]
    if check.repeats:
        counts.append((check.distinct, "different address" + ("" if check.distinct == 1 else "es")))
        counts.append((check.repeats, "repeat" + ("" if check.repeats == 1 else "s") + ", fetched once"))
    lines = check.errors[:MOST_LINES]
    return Found(
        ready=check.accepted,
        what=what,
        noun=noun,
        counts=counts,
        answers=f"{check.model.name} v{check.model.version}" if check.model else "",
        lines=lines,
        more=check.errors_total - len(lines),
        troubles=[Trouble(one.code, one.message, next_step(one.code)) for one in check.problems],
        again=again,
    )
