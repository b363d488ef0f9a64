"""The connections of a storage on S3: they lead to the endpoint that the operator named, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession  # type: ignore[import-untyped]

from shared.errors import StorageUnavailable


class StayingSession(AIOHTTPSession):  # type: ignore[misc] # aiobotocore has no types
    """An HTTP session that follows no redirects, as those of boto3 follow none.

    aiohttp's own would, to any host: a proxy with a page to sign in at, or an endpoint that is not what it was, could
    send Loupe to a metadata service, and its answer would be the content of a file. That a bucket is in another region
    is told in another way, without a `Location`, and botocore knows what to do.
    """

    async def _get_session(self, proxy_url: str | None) -> Staying:
        return Staying(await super()._get_session(proxy_url))


class Staying:
    """The one method of an aiohttp session that is used."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, method: str, **options: Any) -> Any:
        """Sends a request and returns the answer.

        Raises:
            StorageUnavailable: it is a redirect, or no listing where one was asked for.
        """
        answer = await self._session.request(method, allow_redirects=False, **options)
        wrong = _what_is_wrong(answer, options["url"].query)
        if wrong:
            answer.close()
            raise StorageUnavailable(wrong)
        return answer


def _what_is_wrong(answer: Any, query: Mapping[str, str]) -> str:
    if 300 <= answer.status < 400 and "Location" in answer.headers:
        return f"The endpoint redirects (HTTP {answer.status}), which is not followed"
    # Whatever stands between may answer so, and it would be read as the listing of a folder that is empty.
    if (
        answer.status == 200
        and "list-type" in query
        and (answer.content_type == "text/html" or answer.content_length == 0)
    ):
        return "The endpoint answers with a page, or with nothing, where a listing is expected"
    return ""
