"""A receiver of webhooks on loopback, which believes only what is signed, as one of a user would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from standardwebhooks import Webhook

from tests.support.exchange import Behaviour, Request
from tests.support.origins import Origin, status

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PATH = "/hook"


@dataclass(frozen=True)
class Told:
    """One request that came: the event's id, and its body, verified."""

    id: str
    body: dict[str, Any]

    @property
    def type(self) -> str:
        """What happened."""
        return str(self.body["type"])


class Receiver(Origin):
    """Answers 204 at PATH, or as it is told to. `told` holds all that came there."""

    def __init__(self, behaviour: Behaviour | None = None) -> None:
        super().__init__()
        self.on(PATH, behaviour or status(204, b""))

    @property
    def hook(self) -> str:
        """The URL to give as a webhook."""
        return self.url(PATH)

    @property
    def told(self) -> list[Told]:
        """Returns what came, each verified with the secret."""
        return [verified(request) for request in self.requests if request.path == PATH]


def verified(request: Request) -> Told:
    """Returns what a request tells.

    Raises:
        WebhookVerificationError: it is not signed with the secret, or too old.
    """
    assert (request.method, request.headers["content-type"]) == ("POST", "application/json")
    body = Webhook(SECRET).verify(request.body, request.headers)
    return Told(request.headers["webhook-id"], body)
