"""What pages offer to whom: no form and no link that can only be refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis import Redis
from werkzeug.exceptions import HTTPException

from api.access.scopes import scope_of
from shared.access import Scope
from tests.support.access import add_key, bearer
from tests.support.page_world import PageWorld
from tests.support.redis_server import RedisServer
from tests.support.schedule_world import toy_schedule

POSTS = re.compile(r'<form\b[^>]*\baction="([^"]+)"[^>]*\bmethod="post"|\bformaction="([^"]+)"')
LINKS = re.compile(r'<a\b[^>]*\bhref="(/[^"]*)"')


@dataclass(frozen=True)
class Keyed:
    """A Loupe with something of everything, and a key of each scope, named like it."""

    world: PageWorld
    keys: dict[str, str]
    pages: list[str]

    def shown(self, path: str, who: str) -> str:
        """Returns a page as somebody sees it."""
        headers = bearer(self.keys[who]) | {"Accept": "text/html"}
        answer = self.world.app.test_client().get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.text)
        return answer.text

    def refused(self, path: str, who: Scope) -> set[str]:
        """Returns what a page offers that is refused to those with a key of this scope."""
        page, routes = self.shown(path, who), self.world.app.url_map.bind("loupe")
        offered = [("POST", "".join(found)) for found in POSTS.findall(page)]
        offered += [("GET", found) for found in LINKS.findall(page)]
        refused = set()
        for method, address in offered:
            try:
                endpoint, _ = routes.match(urlsplit(address.replace("&amp;", "&")).path, method)
            except HTTPException as error:
                pytest.fail(f"{path} offers {method} {address}: {error}")
            needed = scope_of(endpoint)
            if needed and not who.covers(needed):
                refused.add(f"{method} {address}")
        return refused


@pytest.fixture
def keyed(redis_server: RedisServer, redis: Redis, tmp_path: Path, no_patience: None) -> Iterator[Keyed]:
    path = tmp_path / "keys.json"
    keys = {scope.value: add_key(path, scope.value, scope) for scope in Scope}
    world = PageWorld(redis_server.url, tmp_path / "var", api_keys_file=path)
    world.publish()
    world.publish(version=2)
    world.publish(version=3, serve=False)
    world.dataset("pets")
    world.schedules.create(toy_schedule())
    world.schedules.create(toy_schedule("paused", paused=True))
    jobs = [world.importing(), world.single(), world.listing(3), world.training(), world.model_import("a.keras")]
    for job in (world.training(), world.model_import("b.keras"), world.importing()):
        world.jobs.cancel(job)
        jobs.append(job)
    trained = world.training()
    world.start(trained)
    world.finish_training(trained, version=3)
    jobs.append(trained)
    pages = ["/", "/batch", "/jobs", "/datasets", "/datasets/pets", "/train", "/schedules", "/schedules/weekly"]
    pages += ["/datasets?from=upload", "/datasets?from=archive", "/schedules/paused", "/models", "/models/shapes"]
    pages += ["/models/shapes/timeline", "/models/shapes/compare"]
    pages += [f"/models/shapes/{version}" for version in (1, 2, 3)]
    pages += [f"/jobs/{job}" for job in jobs]
    yield Keyed(world, keys, pages)
    world.redis.connection_pool.disconnect()


@pytest.mark.parametrize("who", list(Scope))
def test_nobody_is_offered_what_their_key_may_not(keyed: Keyed, who: Scope) -> None:
    assert {path: refused for path in keyed.pages if (refused := keyed.refused(path, who))} == {}


def test_who_may_is_offered_it(keyed: Keyed) -> None:
    for path, form in (
        ("/datasets", "/datasets#add"),
        ("/train", "/train"),
        ("/schedules/weekly", "/schedules/weekly/run"),
    ):
        assert f'action="{form}" method="post"' in keyed.shown(path, "train")
        assert f'action="{form}" method="post"' not in keyed.shown(path, "classify")
    assert "Importing takes a key of scope" in keyed.shown("/datasets", "classify")
    assert "Starting a training takes a key of scope" in keyed.shown("/train", "classify")


def test_a_job_can_be_canceled_by_its_owner_and_by_an_admin(keyed: Keyed) -> None:
    client = keyed.world.app.test_client()
    asked = {"urls": ["http://example.org/cat.jpg"]}
    mine = client.post("/api/v1/classifications", json=asked, headers=bearer(keyed.keys["classify"])).json
    assert mine is not None
    page = f"/jobs/{mine['id']}"

    assert 'id="cancel"' in keyed.shown(page, "classify")
    assert 'id="cancel"' not in keyed.shown(page, "train")
    assert 'id="cancel"' in keyed.shown(page, "admin")
    for path in keyed.pages:
        assert 'id="cancel"' not in keyed.shown(path, "train")
