"""The style sheet, as far as other tests rely on it."""

from __future__ import annotations

import re

from tests.support.loupe import ROOT

CSS = (ROOT / "static" / "loupe.css").read_text("utf-8")
COLOURS = r"(?:\s*--[a-z-]+: #[0-9a-f]{6};)+\s*"


def test_in_the_dark_nothing_differs_but_colours() -> None:
    # So what is not about colours, axe need not look at twice: tests/e2e/test_every_page.py
    dark = re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{([^}]*)\}\s*\}", CSS)
    assert dark is not None
    assert re.fullmatch(COLOURS, dark[1])
    assert set(re.findall(r"--[a-z-]+", dark[1])) <= set(re.findall(r"--[a-z-]+", CSS[: dark.start()]))
    files = [*(ROOT / "static").iterdir(), *(ROOT / "templates").iterdir()]
    # The page's own head says that it can be had in both.
    assert {path.name for path in files if "dark" in path.read_text("utf-8")} == {"loupe.css", "base.html"}
