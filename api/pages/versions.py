"""The versions of a model as pages list them: how good each is and what became of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import urlencode

from api.pages.verdict import Verdict, verdict_of
from api.services import services
from shared.errors import ModelNotFound, VersionCorrupt, VersionNotFound
from shared.registry import Manifest, Registry, Served

log = logging.getLogger(__name__)

MOST_VERSIONS = 24
STATES = {
    "served": "answers now",
    "previous": "answered before",
    "broken": "no worker can load it",
    "refused": "refused by the gate",
    "kept": "kept, does not answer",
}
PILLS = {"served": "good", "previous": "plain", "broken": "failed", "refused": "failed", "kept": "plain"}
SHORT = {"served": "serving", "previous": "previous", "broken": "broken", "refused": "refused", "kept": "kept"}


@dataclass(frozen=True)
class ShownVersion:
    """A version as pages name it, and what it has shown on pictures it had never seen."""

    manifest: Manifest

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def version(self) -> int:
        """Its number."""
        return self.manifest.version

    @property
    def title(self) -> str:
        """Name and version, as in `pets v7`."""
        return f"{self.name} v{self.version}"

    @property
    def href(self) -> str:
        """Its page."""
        return f"/models/{self.name}/{self.version}"

    @property
    def train_href(self) -> str:
        """The form that trains the next version in the same way."""
        asked = {"dataset": self.manifest.dataset.name, "recipe": self.manifest.recipe, "model": self.name}
        return "/train?" + urlencode({field: value for field, value in asked.items() if value})

    @property
    def created_at(self) -> float:
        """When it was trained, in seconds since 1970."""
        return self.manifest.created_at.timestamp()

    @property
    def accuracy(self) -> float:
        """The share of the test side it got right."""
        return self.manifest.metrics.test.accuracy

    @property
    def count(self) -> int:
        """How many pictures the test side has."""
        return self.manifest.metrics.test.count


@dataclass(frozen=True)
class VersionRow(ShownVersion):
    """A version in a list.

    Attributes:
        state: served, previous, broken, refused or kept.
        verdict: what the gate said; None where it was not asked.
    """

    state: str
    verdict: Verdict | None

    @property
    def state_words(self) -> str:
        """What became of it, in words."""
        return STATES[self.state]

    @property
    def state_short(self) -> str:
        """What became of it, in one word."""
        return SHORT[self.state]

    @property
    def pill(self) -> str:
        """The style of its state."""
        return PILLS[self.state]


def version_rows(name: str, served: Served | None) -> list[VersionRow]:
    """Returns the newest versions of a model and the served one that can be read, oldest first; at least one.

    Raises:
        ModelNotFound: there is no such model.
        VersionCorrupt: none of them can be read.
    """
    registry = services().registry
    numbers = registry.known_versions(name)
    shown = numbers[-MOST_VERSIONS:]
    if served and served.version in numbers and served.version not in shown:
        shown = [served.version, *shown]
    found = [readable_row(registry, name, number, served) for number in shown]
    rows = [row for row in found if row is not None]
    if not rows:
        raise VersionCorrupt(f"No version of {name} can be read; the log says why. Bring its files back.")
    return rows


def readable_row(registry: Registry, name: str, version: int, served: Served | None) -> VersionRow | None:
    """Returns one version; None for one that cannot be read or is gone, which the log tells of."""
    try:
        return version_row(registry, name, version, served)
    except (ModelNotFound, VersionNotFound, VersionCorrupt) as error:
        log.warning("left out of the page: %s", error)
        return None


def version_row(registry: Registry, name: str, version: int, served: Served | None) -> VersionRow:
    """Returns one version.

    Raises:
        ModelNotFound, VersionNotFound: there is no such version.
        VersionCorrupt: it cannot be read.
    """
    manifest = registry.manifest(name, version)
    verdict = verdict_of(manifest.gate)
    return VersionRow(manifest, _state(version, served, verdict), verdict)


def _state(version: int, served: Served | None, verdict: Verdict | None) -> str:
    if served and served.version == version:
        return "served"
    if served and served.refusal(version):
        return "broken"
    if served and served.previous_version == version:
        return "previous"
    return "refused" if verdict and not verdict.passed else "kept"
