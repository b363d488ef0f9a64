"""Shadow scoring from the page of a version, in a browser without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from loupe import Client, NotFound
from shared.registry import Registry
from shared.storage import Storage
from tests.support.loupe import RunningLoupe

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.tensorflow]

MODEL = "watched"


def publish(loupe: RunningLoupe) -> None:
    """Publishes two versions, both the built-in network; the first is served."""
    registry = Registry(Storage(str(loupe.data_dir / "storage")))
    manifest = registry.manifest("shapes", 1)
    content = {file: registry.file("shapes", 1, file) for file in manifest.files}
    for version in (1, 2):
        registry.publish(manifest.model_copy(update={"name": MODEL, "version": version, "files": {}}), content)
    assert loupe.post(f"/api/v1/models/{MODEL}/promote", json={"version": 1}).status_code == 200


def test_a_version_is_put_in_shadow_watched_and_ended(loupe: RunningLoupe, plain_page: Page) -> None:
    publish(loupe)
    plain_page.goto(f"/models/{MODEL}/2")
    plain_page.get_by_label("Share of live pictures").select_option("1")
    plain_page.get_by_role("button", name="Put v2 in shadow").click()
    # When pictures come
    picture = Registry(Storage(str(loupe.data_dir / "storage"))).file("shapes", 1, "sample-0.webp")
    for _ in range(5):
        answered = loupe.classify(files={"file": ("shape.webp", picture)}, data={"model": MODEL})
        assert answered["result"]["model"] == {"name": MODEL, "version": 1}
    # Then the page says how far they agree
    section = plain_page.get_by_role("region", name="In shadow")
    for _ in range(20):
        plain_page.reload()
        if re.search(r"[1-9]\d* ?pictures? compared|pictures compared\s*[1-9]", section.inner_text()):
            break
        plain_page.wait_for_timeout(500)
    expect(section).to_contain_text("agrees with v1")
    expect(section.get_by_text(re.compile("100"))).not_to_have_count(0)
    plain_page.get_by_role("button", name="End it").click()
    expect(plain_page.get_by_role("button", name="Put v2 in shadow")).to_be_visible()
    # The client does the same
    with Client(loupe.base_url) as client:
        assert client.models.put_in_shadow(MODEL, 2, 0.25) == client.models.shadow(MODEL)
        client.models.end_shadow(MODEL)
        with pytest.raises(NotFound, match="in shadow"):
            client.models.shadow(MODEL)
