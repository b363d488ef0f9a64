"""Everything a worker process holds, made once inside it and never before a fork."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from shared.consuming import Consuming
from shared.fetch.fetcher import Fetcher
from shared.heartbeat import Heartbeat
from shared.jobs.lost import crashed_outcome
from shared.jobs.model import Json, Queue
from shared.jobs.runner import Runner
from shared.jobs.units import UnitStore
from shared.pointers import Pointers
from shared.redis_client import connect
from shared.registry import Registry
from shared.settings import Settings
from shared.shadow import Agreements, Copies
from shared.storage import Storage
from shared.watchdog import Watchdog
from worker.chunk import ChunkWork
from worker.decoder import Decoder
from worker.engine.choose import choose_engine
from worker.following import Following
from worker.host_pool import MOST_THREADS, HostPool
from worker.loaded import LoadedModel, load
from worker.loads import Loads
from worker.memory import MemoryLimit
from worker.models import Models
from worker.open_chunks import OpenChunks
from worker.open_units import OpenUnits
from worker.pictures import Pictures
from worker.pipeline import Pipeline
from worker.reader import Reader
from worker.shadow import Scorer, Sender
from worker.single import SingleWork

MIB = 1024 * 1024
REDIS_TIMEOUT_S = 5.0
# A load that takes longer never ends: everything else in the process would wait for it, and nobody would hear of it.
LONGEST_LOAD_S = 600.0


class WorkerProcess:
    """A worker for single images or for lists; both hold the same parts.

    Args:
        role: single or list, from the Celery node's name.
    """

    def __init__(self, settings: Settings, role: str) -> None:
        redis = connect(settings, timeout_s=REDIS_TIMEOUT_S)
        storage = Storage(settings.storage_url)
        registry = Registry(storage)
        lists = role == "list"
        self.runner = Runner(UnitStore(redis), crashed=lambda claim: crashed_outcome(storage, claim))
        queue = Queue.BATCH if lists else Queue.CLASSIFY
        self.watchdog = _watchdog(settings, Consuming(redis, queue, self.runner.keeper))
        self._models = _models(settings, registry, Loads(redis, role), self.watchdog, self._model_changed)
        copies, agreements = Copies(redis), Agreements(redis)
        decoder = Decoder(int(settings.max_image_pixels))
        self._sender = Sender(copies, agreements, lambda data, side: decoder.decode(data, side, decoder.inspect(data)))
        reader = Reader(storage, _fetcher(settings), int(settings.max_image_bytes))
        pipeline = Pipeline(reader, decoder, self._models, self._sender, self.watchdog)
        scorer = Scorer(self._models, copies, agreements, pipeline.probabilities, self._sender.is_current)
        # Copies are for a process that gives way to those with single pictures.
        self._scorer = scorer if lists else None
        pointers = Pointers(redis, registry, wait_s=REDIS_TIMEOUT_S)
        self._following = Following(registry, self._models, pointers.moves, self._sender.follow)
        pictures = Pictures(decoder, storage, keep=settings.keep_images)
        self.singles = OpenUnits(self.runner, SingleWork(pipeline, pictures), Queue.CLASSIFY)
        self.chunks = OpenChunks(self.runner, ChunkWork(pipeline, storage, pictures, _pool(settings)))
        self._heartbeat = Heartbeat(redis, role, self._describe)

    def start(self) -> None:
        """Begins to follow the served versions and to say what is loaded."""
        self._following.start()
        self._sender.start()
        if self._scorer:
            self._scorer.start()
        self._heartbeat.start()

    def _model_changed(self) -> None:
        self._heartbeat.now()

    def _describe(self) -> tuple[str, list[Json]]:
        models = self._models.describe()
        serving = [f"{model['name']} v{model['version']}" for model in models if model["serving"]]
        return ("serving " + ", ".join(serving) if serving else "no model loaded yet"), models


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(allow=settings.fetch_allow, timeout_s=settings.fetch_timeout_s, per_host=settings.fetch_per_host)


def _pool(settings: Settings) -> HostPool:
    return HostPool(max(MOST_THREADS, 2 * settings.fetch_per_host), settings.fetch_per_host)


def _models(
    settings: Settings, registry: Registry, loads: Loads, watchdog: Watchdog, changed: Callable[[], None]
) -> Models:
    def load_version(name: str, version: int) -> LoadedModel:
        # A process that ends here leaves its note, and the third leaves the version alone.
        with watchdog.within(LONGEST_LOAD_S, f"loading {name} version {version}"):
            return load(registry, name, version, partial(choose_engine, settings.engine))

    return Models(registry, load_version, settings.model_memory_mb * MIB, noted=loads.noted, changed=changed)


def _watchdog(settings: Settings, consuming: Consuming) -> Watchdog:
    return Watchdog((MemoryLimit(settings.model_memory_mb * MIB), consuming))
