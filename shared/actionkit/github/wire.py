"""PyGithub's Requester, carried by our HTTP door.

PyGithub knows GitHub's authentication, base URLs (github.com and Enterprise Server) and parameter encoding. Its own
connection is replaced through the `cnx` argument, because it has no total deadline and no cap, retries a POST after a
5xx, sleeps on 202 and drops the query of a 301. It sees every answer as an empty 200; the real one is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from actionkit.github.api import Params
from actionkit.http import Response, Transport

if TYPE_CHECKING:
    from github.Requester import HTTPSRequestsConnectionClass, Requester


STORAGE_HOPS = 3


class Wire:
    """One request in, one answer out; no retry, no judgement. Opens nothing before the first request."""

    def __init__(self, token: str, api_url: str, transport: Transport, timeout_seconds: float, user_agent: str) -> None:
        self._token, self._api_url = token, api_url
        self._transport, self._timeout_seconds = transport, timeout_seconds
        self._user_agent = user_agent
        self._requester: Requester | None = None

    @property
    def graphql_url(self) -> str:
        return self._open().graphql_url

    def send(
        self,
        method: str,
        path_or_url: str,
        params: Params | None,
        headers: Mapping[str, str],
        json: Mapping[str, Any] | None,
        max_bytes: int,
    ) -> Response:
        """Send one request. Raises actionkit.http.HttpError."""
        requester = self._open()
        connection = _Connection(self._transport, self._api_url, self._timeout_seconds, max_bytes)
        requester.requestJson(
            method,
            path_or_url,
            parameters=dict(params or {}),
            headers=dict(headers),
            input=None if json is None else dict(json),
            cnx=cast("HTTPSRequestsConnectionClass", connection),
        )
        return connection.answer

    def fetch(self, url: str, max_bytes: int) -> Response:
        """GET a signed URL outside the API, without the token (storage refuses one). Raises HttpError."""
        headers = {"User-Agent": self._user_agent}
        return self._transport.request(
            "GET", url, headers=headers, timeout_seconds=self._timeout_seconds, max_bytes=max_bytes, follow=STORAGE_HOPS
        )

    def _open(self) -> Requester:
        if self._requester is None:
            import github

            self._requester = github.Github(
                auth=github.Auth.Token(self._token) if self._token else None,
                base_url=self._api_url,
                user_agent=self._user_agent,
                timeout=max(1, int(self._timeout_seconds)),
                per_page=100,
                retry=None,
                lazy=True,
                seconds_between_requests=0,
                seconds_between_writes=0,
            ).requester
        return self._requester


class _Connection:
    """The two methods PyGithub calls on a connection, for one request."""

    answer: Response

    def __init__(self, transport: Transport, api_url: str, timeout_seconds: float, max_bytes: int) -> None:
        parts = urlsplit(api_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._transport, self._timeout_seconds = transport, timeout_seconds
        self._max_bytes = max_bytes

    def request(self, method: str, path: str, body: str | None, headers: Mapping[str, str], _stream: bool) -> None:
        self.answer = self._transport.request(
            method,
            f"{self._origin}{path}",
            headers=headers,
            body=None if body is None else body.encode(),
            timeout_seconds=self._timeout_seconds,
            max_bytes=self._max_bytes,
        )

    def getresponse(self) -> _Nothing:
        return _Nothing()


class _Nothing:
    status = 200

    def getheaders(self) -> list[tuple[str, str]]:
        return []

    def read(self) -> str:
        return ""
