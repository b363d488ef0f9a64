from __future__ import annotations

from tests.support.api_world import ApiWorld


def test_a_long_list_has_its_messages_when_it_is_answered(api: ApiWorld) -> None:
    answer = api.post(json={"urls": [f"http://example.org/{n}" for n in range(131 * 64)]})
    assert answer.status_code == 202
    assert api.redis.llen("loupe:batch") == api.redis.zcard("loupe:waiting:batch") == 131
