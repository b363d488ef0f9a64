"""Which test pictures of a version a page is asked for, and where that page and the pictures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.dataset_views import picture_path
from api.version_answers import Answer
from shared.jobs.model import Json
from shared.registry import Manifest
from shared.shares import cut

# Up to this many pixels a picture is drawn larger with its pixels as they are, and not blurred.
TINY = 96


@dataclass(frozen=True)
class Asked:
    """Which pictures are asked for.

    Attributes:
        true, said: what they are, and what they were called; empty is any.
        least, below: the answer's score is at least this, and under that; None is any.
    """

    true: str = ""
    said: str = ""
    least: float | None = None
    below: float | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """Returns what a query asks for; scores that are none are left out."""
        return cls(query.get("is", ""), query.get("said", ""), _score(query, "least"), _score(query, "below"))

    def fits(self, answer: Answer, labels: Sequence[str]) -> bool:
        """Says whether an answer is among those asked for."""
        return (
            self.true in ("", labels[answer.true])
            and self.said in ("", labels[answer.said])
            and (self.least is None or answer.score >= self.least)
            and (self.below is None or answer.score < self.below)
        )

    def href(self, manifest: Manifest, start: int) -> str:
        """Returns the address of the page that begins with another picture."""
        return pictures_href(manifest, self.true, self.said, start, least=self.least, below=self.below)

    @property
    def sureness(self) -> str:
        """How sure the answers are, to be added to a title."""
        least = f", at least {cut(self.least)} sure" if self.least is not None else ""
        return least + (f", less than {cut(self.below)} sure" if self.below is not None else "")


def pictures_href(
    manifest: Manifest,
    true: str = "",
    said: str = "",
    start: int = 0,
    *,
    least: float | None = None,
    below: float | None = None,
) -> str:
    """Returns the address of the page of the pictures that are `true` and were called `said`, as `Asked` says."""
    asked = {"is": true, "said": said, "least": least, "below": below, "from": start or ""}
    query = urlencode({name: value for name, value in asked.items() if value not in ("", None)})
    return f"/models/{manifest.name}/{manifest.version}/pictures" + (f"?{query}" if query else "")


def picture_href(manifest: Manifest, index: int) -> str:
    """Returns the address of a picture of a version's dataset."""
    return picture_path(manifest.dataset.name, manifest.dataset.version, index)


def is_tiny(item: Json) -> bool:
    """Says whether a picture has so few pixels that they are drawn larger, as they are."""
    return max(int(item.get(side, TINY + 1)) for side in ("width", "height")) <= TINY


def _score(query: Mapping[str, str], name: str) -> float | None:
    try:
        found = float(query.get(name, ""))
    except ValueError:
        return None
    return found if 0 <= found <= 1 else None
