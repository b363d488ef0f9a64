"""Writes what the last full runs came to into docs/benchmarks.md: `python -m benchmarks.report`.

The tables stand between two marks and are made from results/*.json alone, so nobody copies a figure by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.support.program import ROOT
from benchmarks.support.results import FOLDER, read

DOCUMENT = ROOT / "docs" / "benchmarks.md"
# In the order of the document.
NAMES = ("compare", "latency", "memory", "scaling", "failures", "page_times")
Record = Mapping[str, Any]


def main() -> int:
    """Writes the tables. Returns 1 if nothing has ever run."""
    records = {name: read(name) for name in NAMES}
    if not any(records.values()):
        print(f"{FOLDER.name}/ has nothing: run `make bench` first", file=sys.stderr)
        return 1
    tuning = read("tuning")
    DOCUMENT.write_text(filled(DOCUMENT.read_text(), {"results": results(records), "settings": settings(tuning or {})}))
    return 0


def filled(text: str, parts: Mapping[str, str]) -> str:
    """Returns a document whose marked parts are replaced.

    A part `x` stands between `<!-- x -->` and `<!-- end of x -->`.

    Raises:
        ValueError: the document has no such part.
    """
    for name, part in parts.items():
        first, last = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, begins, rest = text.partition(first)
        _, ends, after = rest.partition(last)
        if not begins or not ends:
            raise ValueError(f"expected a part between {first.strip()} and {last.strip()}")
        text = "".join([before, first, part, last, after])
    return text


def results(records: Mapping[str, Record | None]) -> str:
    """Returns the tables of all runs, in Markdown; of a benchmark that never ran, that it did not."""
    parts = []
    for name, record in records.items():
        if record is None:
            parts.append(f"### `{name}`\n\nNot run in full yet.")
            continue
        lines = list(_rates(record)) if name == "compare" else []
        parts.append("\n".join([f"### `{name}`", "", _where(record), "", *lines, *_checks(record)]))
    return "\n\n".join(parts)


def settings(tuning: Record) -> str:
    """Returns which settings each contestant was tried with, in Markdown."""
    lines = ["| contestant | settings, fastest first | pictures a second |", "| --- | --- | --- |"]
    for name, tries in tuning.get("tried", {}).items():
        for one in tries:
            words = ", ".join(f"{key} {value}" for key, value in one["settings"].items())
            lines.append(f"| {name} | {words} | {one['rate']:.0f} |")
    return "\n".join(lines)


def _where(record: Record) -> str:
    machine = record["machine"]
    where = (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, Python {machine['python']}"
    )
    return f"Run at {record['at']} on {where}."


def _rates(record: Record) -> Iterator[str]:
    rounds = record["rounds"]
    yield "![A bar for each contestant, in pictures a second](../benchmarks/results/compare.svg)"
    yield ""
    yield f"| contestant | pictures a second, median of {rounds} rounds | lowest to highest | one request alone |"
    yield "| --- | --- | --- | --- |"
    for name, rate in sorted(record["rates"].items(), key=lambda pair: -pair[1]["median"]):
        alone = record["alone_ms"].get(name)
        words = f"{alone['median']:.1f} ms" if alone else ""
        yield f"| {name} | {rate['median']:.0f} | {rate['low']:.0f} to {rate['high']:.0f} | {words} |"
    yield ""


def _checks(record: Record) -> Iterator[str]:
    yield "| figure | measured | target | |"
    yield "| --- | --- | --- | --- |"
    for check in record["checks"]:
        target = f"≥ {check['least']:g}" if check["least"] is not None else f"≤ {check['most']:g}"
        mark = "reached" if check["passed"] else "**missed**"
        yield f"| {check['what']} | {check['value']:.3g} | {target} | {mark} |"


if __name__ == "__main__":
    sys.exit(main())
