"""Sphinx's configuration: the site is the repository's own Markdown, and reference pages made from the code."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT), str(ROOT / "client" / "src"), str(HERE)]

from make_reference import write_reference  # noqa: E402 - from here on it is found

project = "Loupe"
author = "the maintainers of Loupe"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "client/README.md"]
exclude_patterns = [".*", "site", "var", "tests", "benchmarks", "docs/reference/README.md"]

# Headings are link targets, as they are where the repository is browsed.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

html_theme = "furo"
html_title = "Loupe"
html_extra_path = ["redirect"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
# Every page is whole without the network: the theme brings its own styles, and fonts are the system's.

write_reference(HERE / "reference")
