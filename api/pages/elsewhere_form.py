"""The form that takes in a model trained elsewhere: its fields with what was entered, and the request they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from api.pages.gate_fields import GATE, PROMOTE, asked_gate, is_open
from api.pages.inputs import Input, lines, sent, trouble_of, whole, with_texts
from api.pages.train_form import dataset_input
from api.pages.words import Trouble
from shared.datasets import DatasetManifest
from shared.errors import LoupeError
from shared.jobs.model import Json

MODEL = Input(
    "model", "Model", "It gets a new version; a new name makes a new model.", example="pets", suggestions="models"
)
PATH = Input("path", "File", "Its path below the import folder.", example="mine.keras", suggestions="paths")
LABELS = Input(
    "labels",
    "Its classes",
    "One a line, in the order of the model's outputs. Keras orders the folders it learned from by name. "
    "A model with one output says how likely the second class is.",
    kind="lines",
)
INPUT = (
    Input("input.width", "Width", "Pixels in a row of what the model takes.", kind="number", value="64"),
    Input("input.height", "Height", "Rows of it.", kind="number", value="64"),
    Input(
        "input.color",
        "Colour",
        "How many channels the model takes.",
        "choice",
        value="rgb",
        choices=(("rgb", "three channels, red first"), ("grey", "one channel, grey")),
    ),
    Input(
        "input.scale",
        "Scale",
        "What 0 to 255 becomes. A model that divides by itself takes 0 to 255.",
        "choice",
        value="0..1",
        choices=(("0..1", "0 to 1"), ("-1..1", "\u22121 to 1"), ("0..255", "0 to 255, as it is")),
    ),
    Input(
        "input.resize",
        "Other shapes",
        "What is done to a picture of another shape than the input.",
        "choice",
        value="stretch",
        choices=(("stretch", "stretch it"), ("crop", "cut the middle out"), ("pad", "add black borders")),
    ),
    Input(
        "input.interpolation",
        "Resizing",
        "How pixels are averaged.",
        "choice",
        value="area",
        choices=(("area", "area"), ("linear", "linear"), ("nearest", "nearest")),
    ),
)


@dataclass(frozen=True)
class ElsewhereForm:
    """The form as it is drawn.

    Attributes:
        input: how a picture becomes the model's input.
        trouble: what was wrong with what was sent.
    """

    model: Input
    path: Input
    dataset: Input
    labels: Input
    input: Sequence[Input]
    promote: Input
    gate: Sequence[Input]
    trouble: Trouble | None

    @property
    def gate_open(self) -> bool:
        """Whether the gate's fields are to be seen at once."""
        return is_open(self.gate)


def elsewhere_form(
    datasets: Sequence[DatasetManifest], entered: Mapping[str, str], error: LoupeError | None = None
) -> ElsewhereForm:
    """Returns the form.

    Args:
        datasets: the newest version of each, at least one.
        entered: texts by field; the others stand at their defaults.
    """
    chosen = dataset_input(datasets, entered.get("dataset", ""))
    model, path, dataset, labels, promote = (
        with_texts(field, entered, error)
        for field in (MODEL, PATH, chosen, _labels(datasets, entered.get("dataset") or chosen.value), PROMOTE)
    )
    wanted = [with_texts(field, entered, error) for field in INPUT]
    gate = [with_texts(field, entered, error) for field in GATE]
    trouble = trouble_of(error, [model, path, dataset, labels, *wanted, promote, *gate])
    return ElsewhereForm(model, path, dataset, labels, wanted, promote, gate, trouble)


def asked(form: Mapping[str, str]) -> Json:
    """Returns the request that the form's texts make, for the API's own schema to judge."""
    return {
        "model": sent(form, "model"),
        "path": sent(form, "path"),
        "dataset": sent(form, "dataset"),
        "labels": lines(form.get("labels", "")),
        "input": {field.name.partition(".")[2]: _value(field, sent(form, field.name)) for field in INPUT},
        "promote": sent(form, "promote") or PROMOTE.value,
        "gate": asked_gate(form),
    }


def _labels(datasets: Sequence[DatasetManifest], name: str) -> Input:
    """Returns the field of the classes: mostly they are the dataset's, in its order."""
    found = next((one for one in datasets if one.name == name.partition("@")[0]), None)
    return replace(LABELS, value="\n".join(found.classes) if found else "")


def _value(field: Input, text: str) -> object:
    return whole(text) if field.kind == "number" else text
