"""What becomes of a published version: served or not, by the verdict it was published with."""

from __future__ import annotations

from dataclasses import dataclass

from shared.registry import GateVerdict, Manifest, Registry

# Waiting for somebody else's move, and checking the version's files, takes no longer.
SETTLE_S = 180.0


@dataclass(frozen=True)
class Settled:
    """Whether a version is served now, and why or why not, in a sentence or two for the user."""

    promoted: bool
    reason: str


def settle(registry: Registry, manifest: Manifest) -> Settled:
    """Promotes a version if its verdict says so. Done twice, because an attempt was lost, it comes to the same.

    Between its look at the pointer and its move nobody else is to move it (`Pointers.moving`).

    Raises:
        VersionCorrupt: its files were damaged meanwhile.
    """
    verdict, version = manifest.gate, manifest.version
    if verdict is None:
        return Settled(
            False, f"Version {version} was published without asking the gate, so it is not served by itself."
        )
    served = registry.served_version(manifest.name)
    if served == version:
        return Settled(True, _because(verdict, version))
    if not verdict.promotes:
        return Settled(False, _because(verdict, version))
    if verdict.policy == "if_better" and served != verdict.champion:
        compared = "none" if verdict.champion is None else f"version {verdict.champion}"
        now = "none is" if served is None else f"version {served} is"
        return Settled(
            False,
            f"The gate compared it with the served version of that time, {compared}, and {now} served now, "
            "so it is not served by itself.",
        )
    registry.promote(manifest.name, version)
    return Settled(True, _because(verdict, version))


def _because(verdict: GateVerdict, version: int) -> str:
    if verdict.policy == "if_better":
        return f"Version {version} is {'served' if verdict.passed else 'not served'}. {verdict.reason}"
    done = "served" if verdict.policy == "always" else "not served"
    said = "passes" if verdict.passed else "does not pass"
    return f"Version {version} is {done}, as promote is {verdict.policy}; it {said} the gate. {verdict.reason}"
