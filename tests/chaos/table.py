"""The table of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tests.chaos.check import Finding, Wrong
from tests.chaos.harm import Fault, Harm, percentile
from tests.chaos.ledger import Ledger, Sort

ROW = "{:<27}{:>9}{:>10}{:>6}{:>9}{:>10}{:>8}{:>11}"


def table(
    ledger: Ledger, harms: Sequence[Harm], findings: Sequence[Finding], took: Mapping[Fault, Sequence[float]]
) -> str:
    """Returns a line for each fault that was injected; recoveries are in seconds.

    What was accepted, and what was found of it, stands with the fault that came last before it was accepted.
    """
    times = Counter(harm.fault for harm in harms)
    accepted = _since(harms, [entry.at for entry in ledger.accepted])
    lost = _since(harms, _of(findings, Wrong.LOST))
    doubled = _since(harms, _of(findings, Wrong.DOUBLED))
    lines = [ROW.format("fault", "injected", "accepted", "lost", "doubled", "median s", "95th s", "longest s")]
    for fault in Fault:
        if times[fault]:
            counts = (times[fault], accepted[fault], lost[fault], doubled[fault])
            lines.append(ROW.format(fault, *counts, *_shares(took[fault])))
    counts = (len(harms), accepted.total(), lost.total(), doubled.total())
    return "\n".join([*lines, ROW.format("all", *counts, "", "", "").rstrip()])


def alone(took: Mapping[Fault, Sequence[float]]) -> str:
    """Returns a line for each kind of worker: the recoveries that no second fault fell into, in seconds."""
    lines = []
    for fault, values in took.items():
        middle, most, longest = _shares(values)
        shares = f"median {middle}, 95th {most}, longest {longest}"
        lines.append(f"{fault}, and nothing else until its units ran again: {len(values)} units, {shares}")
    return "\n".join(lines)


def worst(rows: Sequence[tuple[float, Harm, Sequence[Harm]]]) -> str:
    """Returns a line for each of some kills: its last unit's recovery, and what kept it from running sooner."""
    return "\n".join(f"{took:.1f} s: {harm.fault}; meanwhile {_told(others)}" for took, harm, others in rows)


def _told(harms: Sequence[Harm]) -> str:
    if not harms:
        return "nothing else"
    return ", ".join(
        f"{harm.fault} for {lasted:.0f} s" if (lasted := harm.ended - harm.began) else harm.fault for harm in harms
    )


def totals(ledger: Ledger, findings: Sequence[Finding]) -> str:
    """Returns a line for what was accepted, and one for what was found wrong."""
    found = Counter(finding.wrong for finding in findings)
    items = sum(len(entry.urls) for entry in ledger.accepted if entry.sort is Sort.LIST)
    accepted = f"accepted: {ledger.count(Sort.SINGLE)} single jobs, {ledger.count(Sort.LIST)} lists of {items} items"
    wrong = ", ".join(f"{wrong} {found[wrong]}" for wrong in Wrong)
    return f"{accepted}, {ledger.count(Sort.TRAINING)} trainings\n{wrong}"


def _shares(values: Sequence[float]) -> list[str]:
    return [f"{percentile(values, share):.1f}" if values else "-" for share in (0.5, 0.95, 1.0)]


def _of(findings: Sequence[Finding], wrong: Wrong) -> list[float]:
    return [finding.at or 0.0 for finding in findings if finding.wrong is wrong]


def _since(harms: Sequence[Harm], times: Iterable[float]) -> Counter[Fault | None]:
    """Counts moments by the last fault before each; None for those before the first."""
    begins = sorted(harms, key=lambda harm: harm.began)
    return Counter(next((h.fault for h in reversed(begins) if h.began <= at), None) for at in times)
