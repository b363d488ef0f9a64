"""One list of URLs as each type of body has it, and what comes back."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.support.api_world import ApiWorld

CSV = b"id,url\nfirst,http://example.org/a\nsecond,http://example.org/b\nthird,http://example.org/a\n"
TEXT = b"http://example.org/a\nhttp://example.org/b\nhttp://example.org/a\n"
NDJSON = b'{"url": "http://example.org/a"}\n{"url": "http://example.org/b"}\n{"url": "http://example.org/a"}\n'
BODIES = [("text/csv", CSV), ("text/plain; charset=UTF-8", TEXT), ("application/x-ndjson", NDJSON)]


def field_of(answer: TestResponse, name: str) -> Any:
    assert answer.json is not None, answer.text
    return answer.json[name]


def results(api: ApiWorld, job_id: str, query: str = "limit=1000") -> list[dict[str, Any]]:
    answer = api.get(f"/api/v1/jobs/{job_id}/results?{query}")
    assert answer.status_code == 200, answer.text
    return list(field_of(answer, "items"))
