"""A Loupe with a key of each scope."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.access import Scope
from tests.support.access import add_key
from tests.support.api_world import ApiWorld
from tests.unit.api.conftest import MakeApi


@dataclass(frozen=True)
class KeyedWorld:
    """A Loupe with one served model, its file of keys, and a key of each scope, named like it."""

    api: ApiWorld
    path: Path
    keys: dict[str, str]


@pytest.fixture
def keyed(make_api: MakeApi, tmp_path: Path) -> KeyedWorld:
    path = tmp_path / "keys.json"
    keys = {scope.value: add_key(path, scope.value, scope) for scope in Scope}
    world = make_api(api_keys_file=path)
    world.publish()
    return KeyedWorld(world, path, keys)
