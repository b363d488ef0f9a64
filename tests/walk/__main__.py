"""A walk through Loupe in a real browser, which draws the pictures of the documentation anew: `make screenshots`.

    python -m tests.walk [FOLDER]

Starts a whole Loupe, does what docs/walk.md tells of, and keeps a picture of each page in FOLDER or docs/images.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.loupe import RunningLoupe
from tests.support.origins import Origin, serve, status
from tests.support.pictures import HTML, encode
from tests.support.plain_shapes import plain_shape

ROOT = Path(__file__).parents[2]
LABELS = ("circle", "square", "star", "triangle")
SIZE = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 780}
PICTURES = 240
Json = dict[str, Any]


class Walk:
    """One Loupe and one browser, and where their pictures go."""

    def __init__(self, loupe: RunningLoupe, origin: Origin, browser: Browser, folder: Path) -> None:
        self.loupe = loupe
        self.origin = origin
        self._browser = browser
        self._folder = folder
        self.page = self._page()

    def _page(self, **options: Any) -> Page:
        options = {"viewport": SIZE, "reduced_motion": "reduce"} | options
        context = self._browser.new_context(base_url=self.loupe.base_url, **options)
        context.set_default_timeout(60_000)
        return context.new_page()

    def keep(self, name: str, page: Page | None = None) -> None:
        """Keeps a picture of what is on the screen."""
        shown = page or self.page
        shown.wait_for_load_state("networkidle")
        shown.evaluate("() => scrollTo(0, 0)")
        shown.screenshot(path=self._folder / f"{name}.png")

    def on_a_phone_in_the_dark(self, path: str) -> Page:
        """Opens a page on a narrow screen with the dark theme."""
        page = self._page(viewport=PHONE, color_scheme="dark")
        page.goto(path)
        return page

    def ask(self, path: str, body: Json) -> Json:
        """Sends a request of the API that must succeed, and returns the answer."""
        answer = self.loupe.post(path, json=body)
        answer.raise_for_status()
        said: Json = answer.json()
        return said

    def until(self, job_id: str, reached: Callable[[Json], bool]) -> None:
        """Waits until a job is as it should be, two minutes at the most."""
        deadline = time.monotonic() + 120
        while not reached(self.loupe.get(f"/api/v1/jobs/{job_id}").json()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} did not come so far")
            time.sleep(0.2)


def classify(walk: Walk) -> None:
    """Asks for the class of one picture."""
    walk.page.goto("/")
    walk.page.fill("#url", walk.origin.url("/star.png"))
    walk.page.click("button[value=url]")
    walk.page.get_by_text("This is a").wait_for()
    walk.keep("classify")
    walk.keep("classify-phone", walk.on_a_phone_in_the_dark("/"))


def classify_a_list(walk: Walk) -> None:
    """Asks for the classes of a list, of which some addresses lead nowhere."""
    urls = [walk.origin.url(f"/{LABELS[number % 4]}.png?n={number}") for number in range(PICTURES)]
    urls[7], urls[31], urls[90] = (walk.origin.url(path) for path in ("/page.html", "/gone.png", "/gone.jpg"))
    walk.page.goto("/batch")
    walk.page.fill("#list", "\n".join(urls))
    walk.page.click("button[value=check]")
    walk.page.locator("[data-findings] .pill").wait_for()
    walk.keep("list-checked")
    walk.page.click("[data-start]")
    walk.page.wait_for_url("**/jobs/*")
    walk.until(walk.page.url.rsplit("/", 1)[1].split("#")[0], lambda job: job["status"] == "succeeded")
    walk.page.reload()
    walk.keep("list")


def look_at_a_dataset(walk: Walk) -> None:
    """Looks at what there is to learn from."""
    walk.page.goto("/datasets/shapes")
    walk.keep("dataset")


def train(walk: Walk) -> None:
    """Trains another version, watches it, and looks at what came of it."""
    walk.page.goto("/train?recipe=shapes&dataset=shapes&model=shapes")
    walk.keep("train")
    asked = {"dataset": "shapes", "recipe": "shapes", "model": "shapes", "params": {"epochs": 8}, "seed": 3}
    job = walk.ask("/api/v1/trainings", asked | {"promote": "never"})
    walk.until(job["id"], lambda seen: len(seen["progress"].get("history") or ()) >= 5)
    walk.page.goto(f"/jobs/{job['id']}")
    walk.keep("training")
    walk.until(job["id"], lambda seen: seen["status"] == "succeeded")
    walk.page.goto("/models/shapes/2")
    walk.keep("version")


def promote(walk: Walk) -> None:
    """Compares the two versions and lets the new one answer."""
    walk.page.goto("/models/shapes/compare?new=2&old=1")
    walk.keep("compare")
    walk.page.goto("/models/shapes/2/promote")
    walk.keep("promote")
    walk.ask("/api/v1/models/shapes/promote", {"version": 2})
    walk.page.goto("/models")
    walk.keep("models")
    walk.page.goto("/models/shapes/timeline")
    walk.keep("timeline")


def schedule(walk: Walk) -> None:
    """Has the training repeated each week."""
    training = {"dataset": "shapes", "recipe": "shapes", "model": "shapes"}
    weekly = {"name": "weekly", "cron": "0 3 * * 1", "timezone": "Europe/Paris", "training": training}
    walk.ask("/api/v1/schedules", weekly)
    walk.page.goto("/schedules")
    walk.keep("schedules")
    walk.page.goto("/jobs")
    walk.keep("jobs")


STEPS = (classify, classify_a_list, look_at_a_dataset, train, promote, schedule)


def main(folder: Path) -> None:
    """Walks all of it."""
    rng = np.random.default_rng(4)
    with tempfile.TemporaryDirectory() as scratch, Origin() as origin, sync_playwright() as playwright:
        for label in LABELS:
            origin.on(f"/{label}.png", serve(encode(".png", plain_shape(label, rng))))
        origin.on("/page.html", serve(HTML))
        origin.on("/gone.png", status(404))
        origin.on("/gone.jpg", status(503))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with RunningLoupe(Path(scratch) / "var") as loupe:
            loupe.wait_ready(300)
            walk = Walk(loupe, origin, browser, folder)
            for step in STEPS:
                step(walk)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
