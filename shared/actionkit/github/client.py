"""The GitHub client: every request of every action goes through `GitHub._request`, and so obeys the same rules."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from actionkit.errors import ActionkitError, Complaint, UsageError
from actionkit.github import errors
from actionkit.github.api import JSON, MIB, RAW, Params
from actionkit.github.limits import REAL_CLOCK, Clock, limit_of, retry_after
from actionkit.github.wire import Wire
from actionkit.http import ConnectionLost, HttpError, Response, Timeout, Transport, Unreachable, Untrusted, same_origin

API_VERSION = "2022-11-28"
ATTEMPTS = 5
"""For reads; a write is sent again only when nothing was done for certain."""

REDIRECTS = (301, 302, 307, 308)
TO_STORAGE = 302
HOPS = 3
MOST_PAGES = 1000
REMEMBERED = 64
REMEMBERED_BYTES = 256 * 1024


class GitHub:
    """GitHub's REST API over PyGithub's Requester. The constructor sends nothing; the token is never shown.

    Reads are repeated after a 5xx or a lost connection, with exponential back-off and jitter. Writes never are: they
    raise MaybeDone, and the caller reads again before it writes again. Rate limits are waited for (nothing was done,
    so writes too), up to `patience_seconds` over the life of the client; then RateLimited says when they end. What is
    spent on requests that get no answer counts too: without patience left nothing is repeated.

    Every method raises GitHubError (NotFound, BadToken, Forbidden, Conflict, Invalid, ServerError, RateLimited,
    MaybeDone), PermissionNeeded or HttpError. `requests_made` counts what was really sent to the API.
    """

    def __init__(
        self,
        token: str,
        transport: Transport,
        *,
        api_url: str = "https://api.github.com",
        timeout_seconds: float = 30.0,
        patience_seconds: float = 300.0,
        user_agent: str = "verdict-actions",
        clock: Clock = REAL_CLOCK,
    ) -> None:
        """`api_url` as in GITHUB_API_URL; `timeout_seconds` per request. An empty token reads public things only.

        Raises UsageError for a token or URL that cannot be used.
        """
        token, api_url = token.strip(), api_url.strip().rstrip("/")
        self._check(token, api_url)
        self._api_url = api_url
        self._wire = Wire(token, api_url, transport, timeout_seconds, user_agent)
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._remembered: dict[str, Response] = {}
        self.requests_made = 0

    def __repr__(self) -> str:
        return f"GitHub({self._api_url!r}, requests_made={self.requests_made})"

    def get(self, path: str, params: Params | None = None) -> Any:
        """The JSON at `path`; None for an empty answer."""
        return _json(self._request("GET", path, params))

    def get_or_none(self, path: str, params: Params | None = None) -> Any | None:
        """Like `get`, None for 404."""
        try:
            return self.get(path, params)
        except errors.NotFound:
            return None

    def raw(
        self, path: str, params: Params | None = None, *, accept: str = RAW, max_bytes: int = 32 * MIB
    ) -> bytes | None:
        """The bytes at `path`, None for 404. A 302 leads to GitHub's storage, which is asked without the token."""
        try:
            return self._request("GET", path, params, accept=accept, max_bytes=max_bytes, raw=True).body
        except errors.NotFound:
            return None

    def pages(self, path: str, params: Params | None = None, *, key: str | None = None) -> Iterator[dict[str, Any]]:
        """Every item of a list, over all pages; `key` names the list in answers that wrap it (`artifacts`).

        Lazy, one request per 100 items. Do not delete what you are walking over: list it first, or half is skipped.
        """
        query: Params = {"per_page": 100} | dict(params or {})
        seen: set[str] = set()
        while True:
            response = self._request("GET", path, query)
            yield from _items(f"GET {path}", response, key)
            following = _next(response)
            if following is None:
                return
            self._check_origin(f"GET {path}", following)
            if following in seen or len(seen) >= MOST_PAGES:
                raise errors.GitHubError(f"GET {path}", response.status, "GitHub's list of pages does not end")
            seen.add(following)
            path, query = following, {}

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of a GraphQL query (not a mutation: it is repeated like a read)."""
        body = {"query": query, "variables": dict(variables or {})}
        answer = _json(self._request("POST", self._wire.graphql_url, None, json=body, repeatable=True))
        if not isinstance(answer, dict) or not isinstance(answer.get("data"), dict) or answer.get("errors"):
            raise errors.GitHubError("POST /graphql", 200, "GitHub could not answer the query")
        return dict(answer["data"])

    def post(self, path: str, json: Mapping[str, Any]) -> Any:
        return _json(self._request("POST", path, None, json=json))

    def patch(self, path: str, json: Mapping[str, Any]) -> Any:
        return _json(self._request("PATCH", path, None, json=json))

    def put(self, path: str, json: Mapping[str, Any]) -> Any:
        return _json(self._request("PUT", path, None, json=json))

    def delete(self, path: str) -> None:
        """Raises NotFound where it was gone already, which a caller may take for success."""
        self._request("DELETE", path, None)

    def _request(
        self,
        method: str,
        path: str,
        params: Params | None,
        *,
        json: Mapping[str, Any] | None = None,
        accept: str = JSON,
        max_bytes: int = 32 * MIB,
        raw: bool = False,
        repeatable: bool = False,
    ) -> Response:
        """The one door: sends, waits, repeats, and turns refusals into errors. Returns answers below 400."""
        repeatable = repeatable or method == "GET"
        call = f"{method} {_shown_path(path)}"
        hops = 0
        for attempt in itertools.count(1):
            began = self._clock.now()
            try:
                response = self._send(method, path, params, json, accept, max_bytes, remember=not raw)
                if raw and response.status == TO_STORAGE:
                    response = self._wire.fetch(self._storage(call, path, response), max_bytes)
            except HttpError as error:
                # A GitHub that takes requests and answers none must not hold up a job for ever either.
                self._patience_seconds -= max(self._clock.now() - began, 0.0)
                self._wait(self._clock.backoff(attempt), self._after_loss(call, error, attempt, repeatable))
                continue
            if response.status in REDIRECTS:
                path, params, hops = self._moved(call, path, response), None, hops + 1
                if hops > HOPS:
                    raise errors.GitHubError(call, response.status, f"more than {HOPS} redirects")
            elif response.status < 400:
                return response
            else:
                self._after_refusal(call, method, response, attempt, repeatable)
        raise AssertionError("unreachable: the loop has no end")

    def _send(
        self,
        method: str,
        path: str,
        params: Params | None,
        json: Mapping[str, Any] | None,
        accept: str,
        max_bytes: int,
        *,
        remember: bool,
    ) -> Response:
        """One request. A JSON read that was answered before is sent conditionally: a 304 costs no quota."""
        headers = {"Accept": accept, "X-GitHub-Api-Version": API_VERSION}
        key = f"{path} {sorted((params or {}).items())}" if method == "GET" and remember else ""
        known = self._remembered.get(key)
        if known is not None:
            headers["If-None-Match"] = known.header("etag")
        self.requests_made += 1
        response = self._wire.send(method, path, params, headers, json, max_bytes)
        if response.status == 304 and known is not None:
            return known
        if key and response.ok and response.header("etag") and len(response.body) <= REMEMBERED_BYTES:
            self._remembered[key] = response
            if len(self._remembered) > REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return response

    def _after_loss(self, call: str, error: HttpError, attempt: int, repeatable: bool) -> ActionkitError:
        """What to raise if waiting is not possible; raises at once what sending again would not mend."""
        if error.sent and not repeatable:
            raise errors.MaybeDone(call, 0, error.reason) from error
        transient = isinstance(error, Timeout | Unreachable | ConnectionLost) and not isinstance(error, Untrusted)
        if not transient or attempt >= ATTEMPTS:
            raise error
        return error

    def _after_refusal(self, call: str, method: str, response: Response, attempt: int, repeatable: bool) -> None:
        """Wait where that helps, else raise."""
        now = self._clock.now()
        limit = limit_of(response, now=now, attempt=attempt)
        if limit is not None:
            ends = now + limit.wait_seconds
            limited = errors.RateLimited(
                call, response.status, kind=limit.kind, wait_seconds=limit.wait_seconds, resets_at=ends
            )
            # Jitter on top, or all jobs that were refused together come back together.
            self._wait(limit.wait_seconds + self._clock.chance(), limited)
            return
        if response.status < 500:
            raise errors.refusal(call, method, response)
        reason = f"GitHub answered {response.status}"
        if not repeatable:
            raise errors.MaybeDone(call, response.status, reason)
        broken = errors.ServerError(call, response.status, f"{reason}, {attempt} times", fix="try again later")
        if attempt >= ATTEMPTS:
            raise broken
        self._wait(max(retry_after(response, now) or 0.0, self._clock.backoff(attempt)), broken)

    def _wait(self, seconds: float, otherwise: ActionkitError) -> None:
        """Sleep out of what patience is left, or raise `otherwise`."""
        if seconds > self._patience_seconds:
            raise otherwise
        self._patience_seconds -= seconds
        self._clock.sleep(seconds)

    def _moved(self, call: str, path: str, response: Response) -> str:
        """Where a renamed repository went; a redirecting answer has done nothing, so writes follow too."""
        there = self._location(path, response)
        self._check_origin(call, there)
        return there

    def _storage(self, call: str, path: str, response: Response) -> str:
        there = self._location(path, response)
        if self._api_url.startswith("https:") and not there.startswith("https:"):
            raise errors.GitHubError(call, response.status, "GitHub's storage is not offered over https")
        return there

    def _location(self, path: str, response: Response) -> str:
        here = path if "://" in path else f"{self._api_url}{path}"
        return urljoin(here, response.header("location"))

    def _check_origin(self, call: str, url: str) -> None:
        if not same_origin(self._api_url, url):
            raise errors.GitHubError(call, 0, "GitHub points to another host, which will not get the token")

    @staticmethod
    def _check(token: str, api_url: str) -> None:
        complaints = []
        if not (token.isascii() and token.isprintable()) or " " in token:
            complaints.append(
                Complaint(
                    "github-token holds a space, a line break or a character no token has",
                    "pass `${{ github.token }}`, or paste the secret again without what is around it",
                )
            )
        parts = urlsplit(api_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            complaints.append(
                Complaint(
                    "GITHUB_API_URL is not the URL of an API",
                    "it is `https://api.github.com`, or `https://HOST/api/v3` on Enterprise Server",
                )
            )
        if complaints:
            raise UsageError(complaints)


def _json(response: Response) -> Any:
    return response.json() if response.body.strip() else None


def _items(call: str, response: Response, key: str | None) -> list[dict[str, Any]]:
    page = response.json()
    items = page.get(key) if key is not None and isinstance(page, dict) else page
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise errors.GitHubError(call, response.status, "GitHub answered with something that is not a list")
    return items


def _next(response: Response) -> str | None:
    from requests.utils import parse_header_links

    links = parse_header_links(response.header("link"))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)


def _shown_path(path: str) -> str:
    parts = urlsplit(path)
    return parts.path
