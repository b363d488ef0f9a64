"""How long the server takes for every page and every list of the API, with 10,000 jobs stored.

    python -m benchmarks.page_times [--quick]

Jobs of all kinds and states are put where the API and the workers would put them, beside everything else that a busy
Loupe holds. Then the API runs alone, and one client asks for everything in turn, again and again. The page of a single
picture that nobody works on is left out: it is held for two seconds, because the answer mostly comes meanwhile.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.support.checks import Check
from benchmarks.support.options import Options, parsed
from benchmarks.support.results import record
from benchmarks.support.stats import percentile
from benchmarks.support.world import World
from shared import errors, items
from shared.heartbeat import Heartbeat
from shared.items import ItemInput
from shared.jobs.model import Outcome, Status
from tests.support.api_server import ApiServer
from tests.support.page_states import busy, every_page
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer

JOBS, ROUNDS, MOST_MS = 10_000, 20, 150
LIST_ITEMS = 60
SCORES = {"star": 0.972, "square": 0.02, "circle": 0.008}
LISTS = (
    *(f"/api/v1/{name}" for name in ("jobs", "models", "datasets", "schedules", "recipes")),
    "/api/v1/jobs?limit=1000",
    "/api/v1/jobs?kind=classification",
    "/api/v1/jobs?kind=training&status=canceled",
    "/api/v1/jobs?status=failed&limit=1000",
    "/jobs?kind=import",
    "/jobs?kind=classification&status=queued",
)
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@dataclass
class Asked:
    """What came of asking for one path, again and again: seconds, and the bytes of the last answer."""

    seconds: list[float] = field(default_factory=list)
    bytes: int = 0


def run(world: World, options: Options) -> int:
    """Measures beside the other benchmarks."""
    return measure(world.folder / "page-times", options)


def measure(folder: Path, options: Options) -> int:
    """Stores the jobs, asks for everything, and judges the slowest."""
    with RedisServer(folder / "redis") as redis, ApiServer(folder, redis.url) as server:
        world = PageWorld(redis.url, folder / "var")
        paths = (*pages_of(world), *LISTS)
        fill(world, options.of(JOBS))
        times = asked(world, server, paths, options.of(ROUNDS))
        world.redis.connection_pool.disconnect()
    rows = {path: figures(one) for path, one in times.items()}
    print("\n".join(table(rows)))
    lists = [row["p95_ms"] for path, row in rows.items() if path.startswith("/api/")]
    pages = [row["p95_ms"] for path, row in rows.items() if not path.startswith("/api/")]
    checks = [
        Check(f"slowest of {len(times)} {what}, 95th percentile in ms", max(times), most=MOST_MS)
        for what, times in (("pages", pages), ("lists of the API", lists))
    ]
    return record("page_times", checks, {"jobs": options.of(JOBS), "pages": rows}, quick=options.quick)


def pages_of(world: PageWorld) -> Iterator[str]:
    """Fills a Loupe with something of everything, and yields the paths of all its pages."""
    for page in every_page(world.app, busy(world)):
        job_id = ID.search(page.path)
        job = world.jobs.get(job_id[0]) if job_id and page.path.startswith("/jobs/") else None
        if job is None or not job.single or job.status.final:
            yield page.path


def fill(world: PageWorld, count: int) -> None:
    """Stores jobs as they might come in a week: mostly single pictures, of all kinds and states."""
    print(f"  storing {count:,} jobs …", flush=True)
    for number in range(count):
        WEEK[number % len(WEEK)](world)


def answered(world: PageWorld) -> None:
    """Stores a picture that was classified."""
    world.answer(world.single(), SCORES)


def not_there(world: PageWorld) -> None:
    """Stores a picture that could not be fetched."""
    job_id = world.single()
    world.start(job_id)
    item = items.failed(ItemInput(url="http://example.org/star.png"), errors.HttpStatus("The host answered 404."))
    world.finish(job_id, items.single_outcome(item))


def listed(world: PageWorld) -> None:
    """Stores a list that was classified."""
    job_id = world.listing(LIST_ITEMS)
    found = [world.item(job_id, SCORES, index=n, url=f"http://example.org/{n}.png") for n in range(LIST_ITEMS)]
    world.finish_list(job_id, found)


def trained(world: PageWorld) -> None:
    """Stores a training that gave a version."""
    job_id = world.training()
    world.start(job_id)
    world.finish_training(job_id)


def imported(world: PageWorld) -> None:
    """Stores an import that failed."""
    job_id = world.importing()
    world.start(job_id)
    error = {"code": "source_not_found", "message": "There is no folder 'pets'."}
    world.finish(job_id, Outcome(status=Status.FAILED, error=error))


def canceled(world: PageWorld) -> None:
    """Stores a training that was canceled."""
    world.jobs.cancel(world.training())


# What every twentieth job is.
WEEK: Sequence[Callable[[PageWorld], object]] = (
    *(11 * [answered]),
    *(2 * [not_there]),
    *(2 * [PageWorld.single]),
    lambda world: world.listing(LIST_ITEMS),
    listed,
    trained,
    imported,
    canceled,
)


def asked(world: PageWorld, server: ApiServer, paths: Sequence[str], rounds: int) -> Mapping[str, Asked]:
    """Asks for every path once a round, on a connection that stays open."""
    times: dict[str, Asked] = defaultdict(Asked)
    with requests.Session() as session:
        for _ in range(rounds):
            for role in ("single", "list", "trainer"):
                Heartbeat(world.redis, role, lambda: ("ready", [])).beat()
            for path in paths:
                began = time.perf_counter()
                answer = session.get(server.url + path, timeout=60)
                times[path].seconds.append(time.perf_counter() - began)
                answer.raise_for_status()
                times[path].bytes = len(answer.content)
    return times


def figures(one: Asked) -> dict[str, float]:
    """Returns the median and the 95th percentile in milliseconds, and the bytes of an answer."""
    median, p95 = (1000 * percentile(one.seconds, percent) for percent in (50, 95))
    return {"median_ms": round(median, 1), "p95_ms": round(p95, 1), "bytes": one.bytes}


def table(rows: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yields a line for each path, the slowest first."""
    yield "  median ms    p95 ms       bytes  path"
    for path, row in sorted(rows.items(), key=lambda entry: -entry[1]["p95_ms"]):
        yield f"  {row['median_ms']:9.1f} {row['p95_ms']:9.1f} {row['bytes']:11,.0f}  {path}"


def main() -> int:
    """Runs it alone, without what the other benchmarks need around them."""
    options = parsed(__doc__)
    with tempfile.TemporaryDirectory(prefix="loupe-bench-") as folder:
        return measure(Path(folder), options)


if __name__ == "__main__":
    sys.exit(main())
