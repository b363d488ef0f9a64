"""The receiver that docs/webhooks.md shows works as it stands."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.receiver import SECRET

DOCS = Path(__file__).parents[2] / "docs" / "webhooks.md"


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the receiver, which raises what it raises."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    assert len(found[1].strip().splitlines()) <= 15
    monkeypatch.setenv("LOUPE_WEBHOOK_SECRET", SECRET)
    module: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(found[1], str(DOCS), "exec"), module)
    module["app"].testing = True
    return module["app"].test_client()


def signed(body: str, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """Returns the headers of an event."""
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, body),
    }


def test_it_takes_what_is_signed_and_does_its_work_once(receiver: Any, capsys: pytest.CaptureFixture[str]) -> None:
    body = json.dumps({"type": "job.succeeded", "timestamp": "…", "data": {"id": "a"}})
    for _ in range(2):
        assert receiver.post("/loupe", data=body, headers=signed(body, datetime.now(UTC))).status_code == 204
    assert capsys.readouterr().out == "job.succeeded {'id': 'a'}\n"


@pytest.mark.parametrize(
    ("age", "secret", "sent"),
    [(0, "whsec_c29tZWJvZHkgZWxzZQ==", "{}"), (3600, SECRET, "{}"), (0, SECRET, '{"changed": true}')],
)
def test_it_refuses_what_is_forged_old_or_changed(receiver: Any, age: int, secret: str, sent: str) -> None:
    headers = signed("{}", datetime.now(UTC) - timedelta(seconds=age), secret)
    with pytest.raises(WebhookVerificationError):
        receiver.post("/loupe", data=sent, headers=headers)
