"""The form that starts a training: its fields with what was entered, and the request that they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.pages.format import plural
from api.pages.gate_fields import GATE, PROMOTE, asked_gate, is_open
from api.pages.inputs import Input, sent, trouble_of, whole, with_texts
from api.pages.param_inputs import param_input, typed
from api.pages.words import Trouble
from shared.datasets import DatasetManifest
from shared.errors import LoupeError
from shared.jobs.model import Json
from shared.recipes import Recipe

BALANCES = (
    ("none", "leave them as they are"),
    ("undersample", "leave out pictures of large classes"),
    ("oversample", "repeat pictures of small classes"),
    ("class_weight", "let mistakes in small classes count more"),
)


@dataclass(frozen=True)
class TrainForm:
    """The form as it is drawn.

    Attributes:
        gate_open: whether something about the gate was entered or wrong.
        trouble: what was wrong with what was sent.
    """

    recipe: Recipe
    dataset: Input
    model: Input
    params: Sequence[Input]
    options: Sequence[Input]
    gate: Sequence[Input]
    trouble: Trouble | None

    @property
    def gate_open(self) -> bool:
        """Whether the gate's fields are to be seen at once."""
        return is_open(self.gate)


def train_form(
    recipe: Recipe,
    datasets: Sequence[DatasetManifest],
    entered: Mapping[str, str],
    error: LoupeError | None = None,
    webhook: Input | None = None,
) -> TrainForm:
    """Returns the form for one recipe.

    Args:
        datasets: the newest version of each.
        entered: texts by field; the others stand at their defaults.
        webhook: the field for who is told of the end, where it is asked for.
    """
    dataset = with_texts(dataset_input(datasets, entered.get("dataset", "")), entered, error)
    model = with_texts(_model(dataset.value), entered, error)
    params = [with_texts(param_input(name, param), entered, error) for name, param in recipe.params.items()]
    options = [with_texts(field, entered, error) for field in (*_options(recipe), *([webhook] if webhook else ()))]
    gate = [with_texts(field, entered, error) for field in GATE]
    trouble = trouble_of(error, [dataset, model, *params, *options, *gate])
    return TrainForm(recipe, dataset, model, params, options, gate, trouble)


def asked(recipe: Recipe, form: Mapping[str, str]) -> Json:
    """Returns the request that the form's texts make, for the API's own schema and the recipe to judge."""
    params = {name: typed(param, sent(form, f"params.{name}")) for name, param in recipe.params.items()}
    body: Json = {
        "dataset": sent(form, "dataset"),
        "recipe": recipe.name,
        "model": sent(form, "model"),
        "params": {name: value for name, value in params.items() if value not in ("", recipe.params[name].default)},
    }
    options = {
        "balance": sent(form, "balance"),
        "seed": whole(sent(form, "seed")),
        "promote": sent(form, "promote"),
    }
    body |= {name: value for name, value in options.items() if value != ""}
    if sent(form, "webhook"):
        body["webhook"] = {"url": sent(form, "webhook")}
    return body | {"gate": asked_gate(form)}


def dataset_input(datasets: Sequence[DatasetManifest], wanted: str) -> Input:
    """Returns the choice of a dataset, `wanted` among them."""
    choices = [(one.name, f"{one.name}: {_what(one)}") for one in datasets]
    if wanted and wanted not in dict(choices):
        # A version that is not the newest, as a dataset's page names it.
        choices.insert(0, (wanted, wanted))
    return Input("dataset", "Dataset", "Its newest version.", "choice", value=choices[0][0], choices=choices)


def _what(dataset: DatasetManifest) -> str:
    return f"{plural(dataset.pictures.total, 'picture')}, {plural(len(dataset.classes), 'class', 'classes')}"


def _model(dataset: str) -> Input:
    help_ = "It gets a new version; a new name makes a new model."
    return Input("model", "Model", help_, value=dataset.partition("@")[0])


def _options(recipe: Recipe) -> list[Input]:
    return [
        Input(
            "balance",
            "Unequal classes",
            "What is done about classes with far more pictures than others.",
            "choice",
            value=recipe.balance,
            choices=BALANCES,
        ),
        Input(
            "seed",
            "Seed",
            "The same seed, dataset and parameters give the same model.",
            "number",
            value="0",
        ),
        PROMOTE,
    ]
