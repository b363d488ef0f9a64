"""Settings to choose from, and those that were found to be the best."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.support.results import read

Settings = Mapping[str, int]


def grid(**choices: Sequence[int]) -> tuple[Settings, ...]:
    """Returns every combination of choices."""
    return tuple(dict(zip(choices, values, strict=True)) for values in itertools.product(*choices.values()))


def tried(settings: Sequence[Settings], rate: Callable[[Settings], float]) -> list[dict[str, Any]]:
    """Returns what each setting came to, fastest first: `{"settings", "rate"}`."""
    found = [{"settings": dict(one), "rate": round(rate(one), 1)} for one in settings]
    return sorted(found, key=lambda one: -one["rate"])


def best(name: str, settings: Sequence[Settings]) -> Settings:
    """Returns the settings of a contestant that `benchmarks.tune` found to be fastest, the first if it never ran."""
    tuning = read("tuning")
    return tuning["tried"][name][0]["settings"] if tuning else settings[0]
