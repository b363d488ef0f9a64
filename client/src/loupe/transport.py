"""Sends requests: with the key, again where that can help and cannot hurt, and with errors of our own."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import BinaryIO

import requests

from loupe.answers import to_json
from loupe.errors import ConnectionFailed
from loupe.request import Request
from loupe.settings import Settings
from loupe.tries import FIRST_CONTACT_S, Tries
from loupe.types import Json
from loupe.version import __version__

CONNECT_S = 10.0
PIECE_BYTES = 256 * 1024


class Transport:
    """A connection to one server, for any number of threads.

    Args:
        timeout_s: for silence of the server, beside what it is asked to wait.
        retry_for_s: for so long after the first failure a request is sent again.
    """

    def __init__(self, settings: Settings, *, timeout_s: float = 30.0, retry_for_s: float = 60.0) -> None:
        self.settings = settings
        self._timeout_s = timeout_s
        self._retry_for_s = retry_for_s
        self._answered = False
        # `requests` does not promise that a session may be shared by threads.
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def json(self, request: Request) -> Json:
        """Sends a request and returns the object in its answer.

        Raises:
            LoupeError: see `send`, and when the answer is none of Loupe's.
        """
        return to_json(self.send(request))

    def send(self, request: Request) -> requests.Response:
        """Sends a request, again if need be, and returns its answer, read to its end.

        Raises:
            ApiError: the server refuses.
            ConnectionFailed: it cannot be reached.
            UnexpectedAnswer: what answers is not Loupe.
        """
        tries = Tries(self._budget_s)
        while True:
            try:
                response = self._once(request)
            except requests.RequestException as error:
                tries.failed(self._unreachable(error), again=request.safe and _may_pass(error))
                continue
            if response.status_code == request.expects or not tries.refused(response, safe=request.safe):
                return response

    def download(self, request: Request, target: BinaryIO) -> None:
        """Writes an answer to a file as it comes; from the start again when the connection breaks.

        Raises:
            LoupeError: as for `send`.
        """
        tries = Tries(self._budget_s)
        while True:
            target.seek(0)
            target.truncate()
            try:
                with closing(self._once(request, stream=True)) as response:
                    if not tries.refused(response, safe=True):
                        target.writelines(response.iter_content(PIECE_BYTES))
                        return
            except requests.RequestException as error:
                tries.failed(self._unreachable(error), again=_may_pass(error))

    def close(self) -> None:
        """Closes all connections."""
        for session in self._sessions:
            session.close()

    def _once(self, request: Request, *, stream: bool = False) -> requests.Response:
        body = request.body.open() if request.body else None
        try:
            response = self._session().request(
                request.method,
                self.settings.url + request.path,
                params={name: value for name, value in request.query.items() if value is not None},
                data=body,
                headers=request.headers(),
                timeout=(CONNECT_S, self._timeout_s + request.wait_s),
                # A redirect would turn a POST into a GET, and may lead elsewhere with what was sent.
                allow_redirects=False,
                stream=stream,
            )
        finally:
            if body is not None:
                body.close()
        self._answered = True
        return response

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers["User-Agent"] = f"loupe-client/{__version__}"
            session.headers["Accept"] = "application/json"
            # Given as `auth`, because `requests` would else put what ~/.netrc has in its place.
            session.auth = self._authorize
            # A proxy cannot reach this machine's own loopback.
            session.trust_env = not self.settings.local
            self._sessions.append(session)
        return session

    def _authorize(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.settings.api_key:
            prepared.headers["Authorization"] = f"Bearer {self.settings.api_key}"
        return prepared

    def _budget_s(self) -> float:
        return self._retry_for_s if self._answered else min(self._retry_for_s, FIRST_CONTACT_S)

    def _unreachable(self, error: requests.RequestException) -> ConnectionFailed:
        url = self.settings.url
        if isinstance(error, requests.exceptions.SSLError):
            return ConnectionFailed(f"No secure connection to {url} could be made: its certificate was refused.")
        if isinstance(error, requests.exceptions.ReadTimeout):
            return ConnectionFailed(f"{url} took the request and did not answer in time.")
        if isinstance(error, requests.exceptions.ProxyError):
            return ConnectionFailed(f"The proxy on the way to {url} cannot be used.")
        state = "The connection broke" if self._answered else "No connection could be made"
        return ConnectionFailed(f"{state} to {url}.")


def _may_pass(error: requests.RequestException) -> bool:
    """Whether an error may be gone the next time."""
    lasting = (requests.exceptions.SSLError, requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader)
    return not isinstance(error, lasting)
