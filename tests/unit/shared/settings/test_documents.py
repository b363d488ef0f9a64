"""CONFIGURATION.md and .env.example name every setting, with its default and what is expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.settings import Settings

ROOT = Path(__file__).parents[4]
FIELDS = {f"LOUPE_{name.upper()}": field for name, field in Settings.model_fields.items()}


def documented() -> dict[str, tuple[str, str]]:
    """Returns each heading of CONFIGURATION.md with its default and what it expects."""
    text = (ROOT / "CONFIGURATION.md").read_text("utf-8")
    found = re.findall(r"^### (\w+)\n- Default: (.*)\n- Expected: (.*)\n", text, re.MULTILINE)
    return {name: (default, expected) for name, default, expected in found}


def example() -> dict[str, str]:
    """Returns the assignments of .env.example."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_setting_is_described_once_in_the_order_of_the_code_or_not_at_all_elsewhere() -> None:
    headings = re.findall(r"^### (\w+)", (ROOT / "CONFIGURATION.md").read_text("utf-8"), re.MULTILINE)
    assert headings == list(FIELDS)
    assert list(documented()) == list(FIELDS)


@pytest.mark.parametrize("name", list(FIELDS))
def test_what_a_setting_expects_is_said_in_the_words_of_its_error(name: str) -> None:
    assert documented()[name][1] == FIELDS[name].description


@pytest.mark.parametrize("name", list(FIELDS))
def test_the_default_is_the_same_in_both_files(name: str) -> None:
    default = documented()[name][0]
    value = example()[name]
    assert default == f"`{value}`" if value else default.startswith("empty")


def test_the_example_file_has_every_setting_once() -> None:
    text = (ROOT / ".env.example").read_text("utf-8")
    assert re.findall(r"^(LOUPE_\w+)=", text, re.MULTILINE) == list(FIELDS)


def test_the_example_file_is_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FIELDS:
        monkeypatch.delenv(name, raising=False)
    defaults = Settings()
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    assert Settings() == defaults
