"""The fields that say when a new version answers: the same for a training and for a model trained elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from api.pages.inputs import Input, real, sent
from shared.jobs.model import Json

PROMOTE = Input(
    "promote",
    "Have it answer",
    "The gate compares it with the version that answers now, on the same test pictures.",
    "choice",
    value="if_better",
    choices=(
        ("if_better", "if it is better than the one that answers now"),
        ("always", "always"),
        ("never", "never by itself"),
    ),
)
GATE = (
    Input(
        "gate.min_gain",
        "Gain of at least",
        "It has to be right this much more often, and more often at all: 0.01 is one point.",
        kind="number",
        hint="0 to 1",
        value="0",
    ),
    Input(
        "gate.max_class_drop",
        "Loss of a class of at most",
        "No class may be found this much less often than before.",
        kind="number",
        hint="0 to 1",
        value="0.02",
    ),
    Input(
        "gate.min_accuracy",
        "Right at least",
        "It has to be right this often, the first version too. Empty asks for nothing.",
        kind="number",
        hint="0 to 1",
    ),
)


def asked_gate(form: Mapping[str, str]) -> Json:
    """Returns the gate that the form's texts make; what was left empty is left out."""
    values = {field.name.partition(".")[2]: real(sent(form, field.name)) for field in GATE}
    return {name: value for name, value in values.items() if value != ""}


def is_open(gate: Sequence[Input]) -> bool:
    """Tells whether the gate's fields differ from what they are by themselves, or are wrong."""
    return any(it.wrong or it.value != plain.value for it, plain in zip(gate, GATE, strict=True))
