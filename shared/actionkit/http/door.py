"""The HTTP door: one call, one total deadline, one capped body, typed errors.

requests and urllib3 carry the bytes; what they leave open is closed here. A `timeout` of requests is per socket
operation, so a server that trickles bytes holds a call for as long as it likes, and name lookup has no timeout at
all. Every call therefore runs in a thread of its own that the caller leaves behind at the deadline.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin, urlsplit

from actionkit.http.errors import (
    BadRedirect,
    BadRequest,
    ConnectionLost,
    HttpError,
    NotJson,
    Timeout,
    TooLarge,
    Unreachable,
    Untrusted,
)
from actionkit.http.network import Network

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter

MIB = 1024 * 1024
CHUNK_BYTES = 16 * 1024
"""Small, because one compressed chunk may decode to a thousand times its size before the cap is checked."""

GRACE_SECONDS = 0.1
"""The sockets time out at the deadline itself and know whether anything was sent; only then the caller leaves."""

UNUSABLE = "(an unusable URL)"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CREDENTIAL_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer, whatever its status: `headers` by lower-case name, `body` decoded (gzip, deflate) bytes.

    `url` is the one that answered, after redirects, without user name, password, query and fragment.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    url: str
    elapsed_seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Status 200 to 299."""
        return 200 <= self.status < 300

    def header(self, name: str, default: str = "") -> str:
        return self.headers.get(name.lower(), default)

    def text(self) -> str:
        """The body as UTF-8 (JSON and Markdown always are), stray bytes replaced."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises NotJson."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise NotJson(self.url, f"answered {self.status} with a body that is not JSON") from error


class Transport(Protocol):
    """What sends a request: `Http`, or a test's stand-in."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 30.0,
        max_bytes: int = 32 * MIB,
        follow: int = 0,
        called: str = "",
    ) -> Response: ...


class Http:
    """HTTP over requests with an explicit network. Nothing is imported or opened before the first request.

    Cookies are neither kept nor sent, .netrc and proxy variables are never read. Connections are kept alive and
    reused; `close()` or a `with` block ends them. May be shared between threads.
    """

    def __init__(self, network: Network | None = None, *, user_agent: str = "actionkit") -> None:
        self._network = network if network is not None else Network.direct()
        self._user_agent = user_agent
        self._adapter: HTTPAdapter | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Http:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept connections; a later request opens new ones."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()
                self._adapter = None

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout_seconds: float = 30.0,
        max_bytes: int = 32 * MIB,
        follow: int = 0,
        called: str = "",
    ) -> Response:
        """Send one request and read its whole answer.

        `timeout_seconds` bounds everything together, redirects included; `max_bytes` the decoded body. `follow` is the
        number of redirects to follow, for GET and HEAD only; credentials stay behind when host, scheme or port change.
        `called` names the target in errors where the URL itself is a secret (a webhook).

        Raises HttpError: BadRequest, Unreachable, Untrusted, ConnectionLost, Timeout, TooLarge, BadRedirect.
        """
        target = called or shown(url)
        deadline = time.monotonic() + timeout_seconds
        exchange = _Exchange(method.upper(), url, dict(headers or {}), body, max_bytes, target)
        hops = follow if exchange.method in ("GET", "HEAD") else 0
        for _ in range(hops + 1):
            response = self._within(deadline, timeout_seconds, exchange)
            location = response.header("location") if response.status in REDIRECTS else ""
            if not location or not hops:
                return response
            exchange = exchange.redirected(location)
        raise BadRedirect(target, f"more than {follow} redirects")

    def _within(self, deadline: float, timeout_seconds: float, exchange: _Exchange) -> Response:
        answer: Future[Response] = Future()
        adapter = self._open()

        def work() -> None:
            try:
                answer.set_result(exchange.run(adapter, self._network, self._user_agent, deadline - time.monotonic()))
            except BaseException as error:
                answer.set_exception(error)

        threading.Thread(target=work, name="http", daemon=True).start()
        try:
            return answer.result(timeout=max(deadline - time.monotonic(), 0.0) + GRACE_SECONDS)
        except TimeoutError:
            exchange.abandon()
            raise Timeout(exchange.target, timeout_seconds, sent=True) from None
        except Timeout as error:
            raise Timeout(exchange.target, timeout_seconds, sent=error.sent) from None

    def _open(self) -> HTTPAdapter:
        with self._lock:
            if self._adapter is None:
                from requests.adapters import HTTPAdapter

                self._adapter = HTTPAdapter(max_retries=0)
            return self._adapter


@dataclass(slots=True)
class _Exchange:
    """One request and its answer, without following anything."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None
    max_bytes: int
    target: str
    _answer: requests.Response | None = None

    def run(self, adapter: HTTPAdapter, network: Network, user_agent: str, seconds: float) -> Response:
        """Send and read everything. Raises HttpError only."""
        import requests
        import urllib3

        started = time.monotonic()
        if shown(self.url) == UNUSABLE:
            raise BadRequest(self.target, "is not a usable http or https URL")
        try:
            prepared = requests.Request(
                self.method,
                self.url,
                headers={"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"} | self.headers,
                data=self.body,
            ).prepare()
            # The adapter and not Session.send: even with allow_redirects=False that one reads the body of a redirect
            # to its end, without any cap, and keeps cookies.
            self._answer = adapter.send(
                prepared,
                stream=True,
                timeout=(max(seconds, 0.001), max(seconds, 0.001)),
                verify=network.ca_bundle or True,
                proxies=network.proxies_for(self.url),
            )
            body = self._read(self._answer)
        except requests.exceptions.ConnectTimeout:
            raise Timeout(self.target, seconds, sent=False) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
            raise Timeout(self.target, seconds, sent=True) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.MissingSchema):
            raise BadRequest(self.target, "is not a usable http or https URL") from None
        except requests.exceptions.InvalidHeader:
            raise BadRequest(self.target, "a header value holds a line break or a leading space") from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _translated(self.target, error) from None
        headers = {name.lower(): value for name, value in self._answer.headers.items()}
        return Response(self._answer.status_code, headers, body, shown(self.url), time.monotonic() - started)

    def _read(self, answer: requests.Response) -> bytes:
        body = bytearray()
        with contextlib.closing(answer):
            for chunk in answer.raw.stream(CHUNK_BYTES, decode_content=True):
                body += chunk
                if len(body) > self.max_bytes:
                    raise TooLarge(self.target, self.max_bytes)
        return bytes(body)

    def abandon(self) -> None:
        """Wake the thread that still reads this answer, so that it ends. From any thread."""
        if self._answer is not None:
            # Not readable any more, already read to the end, or never connected: nothing is left to wake.
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                self._answer.raw.shutdown()

    def redirected(self, location: str) -> _Exchange:
        """The request a redirect asks for. Raises BadRedirect."""
        try:
            url = urljoin(self.url, location)
        except ValueError:
            url = location
        if shown(url) == UNUSABLE:
            raise BadRedirect(self.target, "redirects to something that is not an http or https URL")
        if urlsplit(self.url).scheme == "https" and urlsplit(url).scheme == "http":
            raise BadRedirect(self.target, f"redirects from https to plain http ({shown(url)})")
        headers = self.headers
        if not same_origin(self.url, url):
            headers = {name: value for name, value in headers.items() if name.lower() not in CREDENTIAL_HEADERS}
        return _Exchange(self.method, url, headers, self.body, self.max_bytes, self.target)


def shown(url: str) -> str:
    """The URL as it may be printed: scheme, host, port and path; no user name, password, query or fragment.

    Anything that is no http(s) URL is not repeated at all.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return UNUSABLE
    if parts.scheme not in ("http", "https") or not host:
        return UNUSABLE
    where = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{where}{'' if port is None else f':{port}'}{parts.path}"


def same_origin(one: str, other: str) -> bool:
    """Whether two absolute URLs have the same scheme, host and port."""

    def origin(url: str) -> tuple[str, str, int]:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)

    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


def _translated(target: str, error: Exception) -> HttpError:
    """The library's error as ours. Its own text is dropped: it may quote proxy passwords, queries and headers."""
    from requests.exceptions import ProxyError
    from urllib3 import exceptions as urllib3_errors

    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = f"its TLS certificate is not trusted: {cause.verify_message}"
            return Untrusted(target, f"{reason}. If your network re-signs TLS, set SSL_CERT_FILE to its CA")
        if isinstance(cause, socket.gaierror):
            return Unreachable(target, "the host name cannot be resolved")
    detail = next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), "")
    if isinstance(error, ProxyError):
        return Unreachable(target, f"the proxy cannot be used{': ' + detail if detail else ''}")
    if any(isinstance(cause, urllib3_errors.NewConnectionError) for cause in causes):
        return Unreachable(target, f"cannot connect{': ' + detail if detail else ''}")
    return ConnectionLost(target, f"the connection broke before the whole answer came{': ' + detail if detail else ''}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Every exception in the chain: requests and urllib3 keep the real one in args, `reason`, cause or context."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
