"""The parameters of a recipe as fields of a form, and their texts as values."""

from __future__ import annotations

from dataclasses import replace

from api.pages.inputs import Input, real, shown, whole
from shared.recipes import Param

YES_NO = (("true", "yes"), ("false", "no"))


def param_input(name: str, param: Param) -> Input:
    """Returns the field of a parameter, with what it does, what it may be and its default."""
    label = name.replace("_", " ").capitalize()
    field = Input(
        f"params.{name}", label, param.help, value=shown(param.default), hint=f"default {shown(param.default)}"
    )
    if param.type == "bool":
        default = str(param.default).lower()
        return replace(field, kind="choice", choices=YES_NO, value=default, hint=f"default {dict(YES_NO)[default]}")
    if param.choices:
        return replace(field, kind="choice", choices=[(choice, choice) for choice in param.choices])
    if param.type == "path":
        return replace(field, hint="")
    return replace(field, kind="number", hint=f"{_bound(param.min)} to {_bound(param.max)}, {field.hint}")


def _bound(value: float | None) -> str:
    return f"{value:,}" if isinstance(value, int) else shown(value)


def typed(param: Param, text: str) -> object:
    """Returns what was entered as the parameter's type, or the text itself for the recipe to refuse."""
    if param.type == "bool":
        return {"true": True, "false": False}.get(text, text)
    return {"int": whole, "float": real}.get(param.type, str)(text)
