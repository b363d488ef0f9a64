"""The fields of a form: what each asks for, what was entered, and what was wrong with that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from api.pages.format import plural
from api.pages.words import Trouble, of_error
from shared.errors import LoupeError

Kind = Literal["text", "number", "lines", "choice", "check", "file"]


@dataclass(frozen=True)
class Input:
    """One field.

    Attributes:
        name: as it is sent.
        help: a sentence or two below it.
        hint: what is taken and what is the default, if that can be said shortly.
        value: what stands in it; "on" for a ticked check.
        choices: (value, words) of a choice.
        suggestions: the id of a list of suggestions.
        wrong: what was wrong with what was sent.
    """

    name: str
    label: str
    help: str = ""
    kind: Kind = "text"
    hint: str = ""
    value: str = ""
    example: str = ""
    choices: Sequence[tuple[str, str]] = ()
    suggestions: str = ""
    wrong: str = ""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return f"f-{self.name.replace('.', '-')}"


def trouble_of(error: LoupeError | None, fields: Iterable[Input]) -> Trouble | None:
    """Returns an error in words; what stands beside a field already is not said twice."""
    if error is None:
        return None
    beside = {field.name for field in fields if field.wrong}
    elsewhere = tuple(wrong for wrong in error.errors if not any(_about(wrong.field, name) for name in beside))
    if not beside or elsewhere:
        return of_error(type(error)(error.message, elsewhere))
    return Trouble(
        error.code, f"{plural(len(beside), 'field is', 'fields are')} not right.", "See what stands below it."
    )


def _about(field: str, name: str) -> bool:
    """Tells whether a wrong field is this one or a part of it, as `source.names.3` is of `source.names`."""
    return field == name or field.startswith(f"{name}.")


def with_texts(field: Input, entered: Mapping[str, str], error: LoupeError | None) -> Input:
    """Returns a field with what was entered and what was wrong with it."""
    wrong = next((wrong.message for wrong in error.errors if _about(wrong.field, field.name)), "") if error else ""
    return replace(field, value=entered.get(field.name, field.value), wrong=wrong)


def whole(text: str) -> int | str:
    """Returns a whole number, or what was entered instead, for the schema to refuse in its words."""
    try:
        return int(text)
    except ValueError:
        return text


def natural(text: str, most_digits: int = 9) -> int | None:
    """Returns a whole number that is not negative, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


def lines(text: str) -> list[str]:
    """Returns what stands in the lines of a text, without empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def real(text: str) -> float | str:
    """Returns a number, or what was entered instead. A comma is read as a point."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def shown(value: object) -> str:
    """Returns a value as it stands in a field: 0.0001, 12, and nothing for None."""
    if value is None:
        return ""
    return f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def sent(form: Mapping[str, str], name: str) -> str:
    """Returns what was sent for a field, without the space around it."""
    return form.get(name, "").strip()
