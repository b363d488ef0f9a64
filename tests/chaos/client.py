"""A client that sends each request until it is answered, and writes down what was accepted."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.chaos.image_server import ImageServer
from tests.chaos.ledger import Accepted, Json, Ledger, Sort
from tests.support.loupe import RunningLoupe

PATIENCE_S = 120.0
# One in so many single jobs waits for its end.
WAITS = 4
WAIT_S = 10
# Enough to keep the pace while most of them wait for a worker or an API that starts again.
SENDERS = 24
# How long after everything else the last training may go on.
LAST_TRAINING_S = 120.0


@dataclass(frozen=True)
class Amount:
    """How much a client asks for, spread evenly over a time.

    Attributes:
        lists: so many lists of `list_items` pictures each.
        epochs: of each training; one follows another, and 0 is none.
    """

    seconds: float
    singles: int
    lists: int
    list_items: int
    epochs: int


@dataclass
class Client:
    """Asks for single pictures, lists and trainings.

    Args:
        seed: of its choices, and part of its Idempotency-Keys.
    """

    loupe: RunningLoupe
    images: ImageServer
    ledger: Ledger
    seed: int
    training: Accepted | None = None
    _numbers: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def training_id(self) -> str | None:
        """Returns the id of the training under way."""
        return self.training.job_id if self.training else None

    def run(self, amount: Amount) -> None:
        """Returns when all was accepted, and the last training has ended or has had its time."""
        began = time.monotonic()
        with ThreadPoolExecutor(SENDERS + 2) as pool:
            running: list[Future[None]] = []
            for number in range(amount.singles):
                self._sleep_until(began + amount.seconds * number / amount.singles)
                running.append(pool.submit(self._single, number))
                if amount.lists and number % (amount.singles // amount.lists) == 0:
                    running.append(pool.submit(self._list, amount.list_items))
                if number == 0 and amount.epochs:
                    running.append(pool.submit(self._trainings, began + amount.seconds, amount.epochs))
        for each in running:
            each.result()

    def _single(self, number: int) -> None:
        url = self._urls(1)[0]
        headers = {"Prefer": f"wait={WAIT_S}"} if number % WAITS == 0 else {}
        self._send("/api/v1/classifications", {"url": url}, Sort.SINGLE, [url], headers=headers)

    def _list(self, items: int) -> None:
        urls = self._urls(items)
        self._send("/api/v1/classifications", {"urls": urls}, Sort.LIST, urls)

    def _trainings(self, until: float, epochs: int) -> None:
        number = 0
        while number == 0 or time.monotonic() < until:
            number += 1
            model = f"chaos-{self.seed}-{number}"
            asked = {"dataset": "shapes", "recipe": "shapes", "model": model, "params": {"epochs": epochs}}
            self.training = self._send("/api/v1/trainings", asked, Sort.TRAINING, model=model)
            while (
                self.training
                and time.monotonic() < until + LAST_TRAINING_S
                and self._job(self.training.job_id)["status"] in {"queued", "running"}
            ):
                time.sleep(0.5)
            self.training = None

    def _send(
        self,
        path: str,
        body: Json,
        sort: Sort,
        urls: list[str] | None = None,
        *,
        model: str = "",
        headers: dict[str, str] | None = None,
    ) -> Accepted | None:
        """Sends a request again and again under one key until it is accepted, as a careful client does."""
        key = {"Idempotency-Key": f"chaos-{self.seed}-{urls[0] if urls else model}"}
        give_up, asked_at = time.monotonic() + PATIENCE_S, time.time()
        while time.monotonic() < give_up:
            answer = self._try("POST", path, json=body, headers=key | (headers or {}))
            if answer is not None and answer.status_code in {200, 202}:
                job: Json = answer.json()
                entry = Accepted(job["id"], sort, asked_at, time.time(), urls or (), model)
                self.ledger.accept(entry, job)
                return entry
            time.sleep(0.2 + random.random() * 0.3)
        self.ledger.give_up(urls or (), f"the {sort} {key} was not accepted within {PATIENCE_S} s")
        return None

    def _job(self, job_id: str) -> Json:
        answer = self._try("GET", f"/api/v1/jobs/{job_id}")
        if answer is None or answer.status_code != 200:
            return {"status": "running"}
        job: Json = answer.json()
        return job

    def _try(self, method: str, path: str, **options: Any) -> requests.Response | None:
        """Returns the answer; None where the API was not there, or died meanwhile."""
        try:
            answer = self.loupe.request(method, path, timeout=WAIT_S + 30, **options)
        except requests.RequestException:
            return None
        if answer.status_code not in {200, 202, 503}:
            self.ledger.complain(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        elif answer.status_code == 503 and "Retry-After" not in answer.headers:
            self.ledger.complain(f"{method} {path}: 503 without Retry-After: {answer.text[:300]}")
        return answer

    def _urls(self, count: int) -> list[str]:
        with self._lock:
            first, self._numbers = self._numbers, self._numbers + count
        return [self.images.url(first + number) for number in range(count)]

    @staticmethod
    def _sleep_until(moment: float) -> None:
        time.sleep(max(moment - time.monotonic(), 0))
