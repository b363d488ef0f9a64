"""The documents' site: built without a warning, whole without the network, and with no link that leads nowhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from shared import errors

ROOT = Path(__file__).parents[3]
# What a page loads by itself, by the attribute that says from where.
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src"}


class Page(HTMLParser):
    """What a page links to, what it loads, and what can be linked to in it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given["id"]} if "id" in given else set()
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in LOADED and LOADED[tag] in given:
            self.loaded.append(given[LOADED[tag]])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it, where a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    line = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n", "-b", "html", "-c", "docs", "."]
    run = subprocess.run([*line, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path.resolve(): Page(path) for path in site.rglob("*.html")}


def test_no_link_leads_nowhere(pages: dict[Path, Page]) -> None:
    assert list(_dead(pages)) == []


def _dead(pages: dict[Path, Page]) -> Iterator[tuple[str, str]]:
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("//"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages.get(target)
            if not target.is_file() or (parts.fragment and known and unquote(parts.fragment) not in known.ids):
                yield path.name, link


def test_a_page_loads_nothing_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert {path.name: page.loaded for path, page in pages.items() if _foreign(page.loaded)} == {}
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text("utf-8")), path


def _foreign(addresses: list[str]) -> list[str]:
    return [address for address in addresses if urlsplit(address).netloc]


def test_every_document_is_on_the_site(site: Path) -> None:
    there = {str(path.relative_to(site).with_suffix(".md")) for path in site.rglob("*.html")}
    written = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "client" / "README.md"]
    assert {str(path.relative_to(ROOT)) for path in written} <= there


def test_the_reference_has_every_error_code_endpoint_and_command(pages: dict[Path, Page]) -> None:
    ids = {path.stem: page.ids for path, page in pages.items() if path.parent.name == "reference"}
    codes = {each.code for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "code")}
    assert {code.replace("_", "-") for code in codes} <= ids["errors"]
    assert "post-api-v1-classifications" in ids["api"]
    assert {"loupe-classify", "loupe-datasets-import"} <= ids["cli"]
    assert {"modern", "fashion-28"} <= ids["recipes"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")), ids=lambda p: p.name)
def test_every_file_that_a_document_names_in_a_link_is_in_the_repository(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8")):
        parts = urlsplit(link)
        # Reference pages are made when the site is built.
        if not parts.scheme and parts.path and "reference/" not in parts.path:
            assert (path.parent / parts.path).exists(), link
