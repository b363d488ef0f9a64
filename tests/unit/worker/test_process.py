"""What a worker process makes of its parts."""

from __future__ import annotations

import pytest
from redis import Redis

from shared.errors import ItemModelNotFound
from shared.registry import Registry
from shared.settings import Settings
from shared.storage import Storage
from shared.watchdog import Watchdog
from worker import process
from worker.loaded import SelfTestFailed
from worker.loads import Loads


def test_a_load_that_never_ends_is_ended_with_its_process(
    storage: Storage, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchdog, said = Watchdog(), []

    def load(*_: object) -> None:
        said.append(watchdog.look())
        raise SelfTestFailed("at last")

    monkeypatch.setattr(process, "LONGEST_LOAD_S", 0.0)
    monkeypatch.setattr(process, "load", load)
    models = process._models(Settings(), Registry(storage), Loads(redis, "single"), watchdog, lambda: None)
    with pytest.raises(ItemModelNotFound, match="at last"):
        models.get("pets", 1)
    assert [*said, watchdog.look()] == ["loading pets version 1 never ends", ""]
