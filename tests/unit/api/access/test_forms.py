"""Every form that posts has the token of its session."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TEMPLATES = sorted((Path(__file__).parents[4] / "templates").glob("*.html"))
FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_that_posts_has_a_token(path: Path) -> None:
    for form in FORM.findall(path.read_text("utf-8")):
        if 'method="post"' in form:
            assert form.count("form_token(") == 1, form
