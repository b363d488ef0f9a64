"""A list of 2,000 URLs of which 200 are bad, against the same list without them.

    python -m benchmarks.failures [--quick]

50 of the bad ones never answer, so each takes the whole fetch deadline; the others fail in seven other ways. Every one
must get its own error code, and the slow ones may cost the list no more than the deadline and half of its time again.
`LOUPE_FETCH_PER_HOST` is 64, because the slow ones are all on one host.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence

from benchmarks.support.checks import Check
from benchmarks.support.jobs import run_list, start_list, wait_end
from benchmarks.support.options import Options, alone
from benchmarks.support.results import record
from benchmarks.support.world import READY_S, World
from tests.support import origins
from tests.support.launched import free_port
from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin

ITEMS, SLOW, OTHERS = 2000, 50, 150
DEADLINE_S, PER_HOST = 10, 64
MOST_OF_CLEAN = 1.5

# An item's URL, and the code that it must get; None for a good one.
Item = tuple[str, str | None]


def run(world: World, options: Options) -> int:
    """Measures both lists and judges them."""
    with Origin() as origin, world.loupe(fetch_per_host=str(PER_HOST), fetch_timeout_s=str(DEADLINE_S)) as loupe:
        items = mixed(world, origin, options)
        loupe.wait_ready(READY_S)
        run_list(loupe, world.take(options.of(500)), 120)
        clean_s = run_list(loupe, world.take(len(items)), 300)
        started = time.perf_counter()
        job = wait_end(loupe, start_list(loupe, [url for url, _ in items]), 300)["id"]
        mixed_s = time.perf_counter() - started
        wrong = [pair for pair in outcomes(loupe, job, items) if pair[0] != pair[1]]
    print(f"  clean {clean_s:.1f} s, with bad ones {mixed_s:.1f} s; wrong codes (expected, received): {wrong[:5]}")
    allowed_s = MOST_OF_CLEAN * clean_s + DEADLINE_S
    checks = [
        Check("items with another outcome than the right one", len(wrong), most=0),
        Check("time of a list with a tenth of bad items, of what is allowed", mixed_s / allowed_s, most=1),
    ]
    details = {"items": len(items), "clean_s": clean_s, "mixed_s": mixed_s, "allowed_s": allowed_s}
    return record("failures", checks, details, quick=options.quick)


def mixed(world: World, origin: Origin, options: Options) -> list[Item]:
    """Returns the list, in an order that is the same every time."""
    origin.on("/silent", origins.silent())
    origin.on("/page.jpg", origins.serve(b"<!doctype html><title>Hello</title>", content_type="image/jpeg"))
    origin.on("/loop", origins.redirect("/loop"))
    origin.on("/inside", origins.redirect("http://10.0.0.1/a.jpg"))
    kinds = [
        (origin.url("/missing.jpg"), "http_status"),
        (origin.url("/page.jpg"), "not_an_image"),
        (origin.url("/loop"), "too_many_redirects"),
        (origin.url("/inside"), "address_not_allowed"),
        ("http://10.0.3.7/a.jpg", "address_not_allowed"),
        ("ftp://127.0.0.1/a.jpg", "scheme_not_allowed"),
        (f"http://127.0.0.1:{free_port()}/a.jpg", "connect_failed"),
    ]
    others, slow = options.of(OTHERS), options.of(SLOW)
    items: list[Item] = [(f"{url}?n={n}", code) for n, (url, code) in zip(range(others), kinds * others, strict=False)]
    items += [(f"{origin.url('/silent')}?n={number}", "fetch_timeout") for number in range(slow)]
    items += [(url, None) for url in world.take(options.of(ITEMS) - len(items))]
    random.Random(0).shuffle(items)
    return items


def outcomes(loupe: RunningLoupe, job: str, items: Sequence[Item]) -> list[tuple[str | None, str | None]]:
    """Returns the code that each item must get, and the one it got; `absent` where it has no outcome."""
    found: dict[int, str | None] = {}
    query = "limit=1000"
    while True:
        page = loupe.get(f"/api/v1/jobs/{job}/results?{query}").json()
        found |= {item["index"]: item["error"]["code"] if item["error"] else None for item in page["items"]}
        if page["next_cursor"] is None:
            return [(code, found.get(index, "absent")) for index, (_, code) in enumerate(items)]
        query = f"limit=1000&cursor={page['next_cursor']}"


if __name__ == "__main__":
    sys.exit(alone(run, __doc__))
