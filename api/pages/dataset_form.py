"""The form that adds a dataset: its fields with what was entered, and the request that they make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.pages.inputs import Input, lines, real, sent, shown, trouble_of, whole, with_texts
from api.pages.source_kinds import BY_TYPE, KINDS, SourceKind
from api.pages.words import Trouble
from shared.datasets import Newest
from shared.errors import LoupeError
from shared.jobs.model import Json

TEST = "source.test."
COMMON = (
    Input("name", "Name", "What the dataset is called: small letters, digits, - and _.", example="pets"),
    Input(
        "test_fraction",
        "Share kept for testing",
        "No model ever learns from these pictures; they say how good it is.",
        kind="number",
        hint="0.2 is a fifth of each class",
        value="0.2",
    ),
    Input(
        "seed",
        "Seed",
        "Decides which pictures those are; the same seed takes the same ones.",
        kind="number",
        value="0",
    ),
)
MOST_SUGGESTIONS = 100


@dataclass(frozen=True)
class DatasetForm:
    """The form as it is drawn.

    Attributes:
        given_test: the fields for a split that somebody else made.
        trouble: what was wrong with what was sent.
    """

    kind: SourceKind
    common: list[Input]
    fields: list[Input]
    given_test: list[Input]
    trouble: Trouble | None


def dataset_form(type_: str, entered: Mapping[str, str], error: LoupeError | None = None) -> DatasetForm:
    """Returns the form for one kind of source, the first kind if there is none of that type."""
    kind = BY_TYPE.get(type_, KINDS[0])
    common = [with_texts(field, entered, error) for field in COMMON]
    fields = [with_texts(field, entered, error) for field in kind.fields]
    return DatasetForm(
        kind=kind,
        common=common,
        fields=[field for field in fields if not field.name.startswith(TEST)],
        given_test=[field for field in fields if field.name.startswith(TEST)],
        trouble=trouble_of(error, [*common, *fields]),
    )


def asked(kind: SourceKind, form: Mapping[str, str]) -> Json:
    """Returns the request that the form's texts make, for the API's own schema to judge."""
    body = options(form)
    source: Json = {"type": kind.type}
    test: Json = {}
    for field in kind.fields:
        value = _value(field, sent(form, field.name))
        if value is not None:
            (test if field.name.startswith(TEST) else source)[field.name.rpartition(".")[2]] = value
    # What the test side is not told of its own is as it is for the other side.
    return body | {"source": source | ({"test": source | test} if test else {})}


def options(form: Mapping[str, str]) -> Json:
    """Returns name, share and seed; what was left empty is left out."""
    values = {
        "name": sent(form, "name"),
        "test_fraction": real(sent(form, "test_fraction")),
        "seed": whole(sent(form, "seed")),
    }
    return {name: value for name, value in values.items() if value != ""}


def entered_again(name: str, newest: Newest) -> dict[str, str]:
    """Returns the form's texts that import a dataset once more as it was imported last."""
    source = {key: value for key, value in newest.source.items() if key != "test"}
    test = newest.source.get("test") or {}
    texts = {f"source.{key}": value for key, value in source.items()}
    texts |= {f"{TEST}{key}": value for key, value in test.items() if value != source.get(key)}
    texts |= {"name": name, "test_fraction": newest.test_fraction, "seed": newest.seed}
    return {key: "\n".join(value) if isinstance(value, list) else shown(value) for key, value in texts.items()}


def suggested_paths(folder: Path) -> list[str]:
    """Returns some of what lies in the import folder and one level below, for the fields to suggest."""
    return sorted(path for _, path in zip(range(MOST_SUGGESTIONS), _paths(folder), strict=False))


def _paths(folder: Path) -> Iterator[str]:
    for entry in _entries(folder):
        yield entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from (f"{entry.name}/{below.name}" for below in _entries(Path(entry.path)))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return [entry for entry in found if not entry.name.startswith(".") and entry.name.isprintable()]
    except OSError:
        # Suggestions are a help and no more; the import itself says what is wrong with the folder.
        return []


def _value(field: Input, text: str) -> object:
    if not text:
        return None
    if field.kind == "number":
        return whole(text)
    if field.kind == "lines":
        return lines(text)
    return text
