"""The HTTP side: every request is routed, authenticated, judged by the description, handled, judged again, recorded."""

from __future__ import annotations

import json
import os
import re
import socket
import struct
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.datastructures import Headers
from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from . import access, admin, storage
from .behaviour import Answer, Fault, Meanwhile, Reorder, Reset, Slow
from .contract import Answered, Asked, contract
from .exchange import ApiError, Call, Links, Reply, Route
from .ledger import RequestRecord
from .repository import Repository
from .routes import ROUTES
from .routing import Router
from .tokens import Need, Token

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from .hub import EmbeddedGitHub

ENTERPRISE_PREFIX = "/api/v3"
"""Where GitHub Enterprise Server has its API; served beside the root."""


class QuietHandler(WSGIRequestHandler):
    """Requests are in the ledger, not on standard error."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Say nothing."""


@dataclass
class _Exchange:
    """What becomes known of one request on its way."""

    request: Request
    path: str
    links: Links
    faults: list[Fault]
    route: Route | None = None
    arguments: dict[str, str] = field(default_factory=dict)
    token: Token | None = None
    need: Need | None = None
    body: Any = None

    def fault(self, kind: type[Fault]) -> Any:
        return next((fault for fault in self.faults if isinstance(fault, kind)), None)


class Application:
    """The WSGI application over one hub's state."""

    def __init__(self, hub: EmbeddedGitHub) -> None:
        self._hub = hub
        self._router = Router(ROUTES)
        self._contract = contract()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(admin.PREFIX):
            return admin.answer(self._hub, request)(environ, start_response)
        if request.path.startswith(storage.PREFIX):
            return storage.answer(self._hub, request)(environ, start_response)
        exchange = self._begin(request)
        for fault in exchange.faults:
            if isinstance(fault, Meanwhile):
                fault.act()
            elif isinstance(fault, Slow):
                time.sleep(fault.before)
        reset, answer = exchange.fault(Reset), exchange.fault(Answer)
        if reset and reset.moment == "before":
            self._record(exchange, 0)
            _reset(environ)
            return []
        if answer and answer.moment == "before":
            reply = answer.reply
        else:
            reply = self._reply(exchange)
            if answer:
                reply = answer.reply
        self._record(exchange, reply.status)
        return self._send(exchange, reply, reset)(environ, start_response)

    def _begin(self, request: Request) -> _Exchange:
        root = request.host_url.rstrip("/")
        prefix = ENTERPRISE_PREFIX if request.path.startswith(f"{ENTERPRISE_PREFIX}/") else ""
        path = self._by_name(request.path.removeprefix(prefix))
        exchange = _Exchange(request, path, Links(root + prefix, root), self._hub.behave.faults(request.method, path))
        found = self._router.match(request.method, path)
        if found:
            exchange.route, exchange.arguments = found
        return exchange

    def _by_name(self, path: str) -> str:
        """`/repositories/{id}/…`, as `Link` headers write it, as `/repos/{owner}/{repo}/…`."""
        match = re.match(r"/repositories/(\d+)(?=/|$)", path)
        repository = self._hub.find_by_id(int(match[1])) if match else None
        return f"/repos/{repository.full_name}{path[match.end() :]}" if match and repository else path

    def _reply(self, exchange: _Exchange) -> Reply:
        try:
            reply = self._handle(exchange)
        except ApiError as error:
            reply = error.reply()
        except ClientDisconnected:
            # Whoever asked was gone before the request was whole: nothing is done, and nobody reads the answer.
            return ApiError(400, "Problems parsing JSON").reply()
        except Exception:  # the server must answer, and the test must learn why
            return self._violation(exchange, f"the sandbox itself failed:\n{traceback.format_exc()}")
        if exchange.token is not None:
            reply.headers.update(exchange.token.quota.headers())
        if exchange.route is None or not self._contract.serves(exchange.route.method, exchange.route.template):
            return reply
        wrong = self._contract.response_violation(
            self._asked(exchange, exchange.route),
            Answered(reply.status, reply.media.partition(";")[0], Headers(reply.headers), reply.encoded()),
        )
        return self._violation(exchange, f"answer {reply.status}: {wrong}") if wrong else reply

    def _handle(self, exchange: _Exchange) -> Reply:
        hub, request, route = self._hub, exchange.request, exchange.route
        with hub.lock:
            when = hub.site.clock()
            exchange.token = access.authenticate(request.headers.get("Authorization"), hub.tokens, when)
            if route is None or not self._contract.serves(route.method, route.template):
                return self._violation(exchange, "no such operation is served; see maintain.openapi_extract.OPERATIONS")
            if route.template != "/rate_limit":
                access.charge(exchange.token, when)
        exchange.body = _json(request)
        wrong = self._contract.request_violation(self._asked(exchange, route))
        if wrong:
            return self._violation(exchange, wrong)
        with hub.lock:
            repository = self._repository(exchange, route)
            reorder = exchange.fault(Reorder)
            return route.handler(
                Call(
                    site=hub.site,
                    links=exchange.links,
                    route=route,
                    found=repository,
                    arguments=exchange.arguments,
                    query=request.args.to_dict(),
                    body=exchange.body or {},
                    token=exchange.token,
                    accept=request.headers.get("Accept", ""),
                    path=exchange.path,
                    lag=hub.behave.lagging,
                    reorder=reorder.by if reorder else None,
                )
            )

    def _repository(self, exchange: _Exchange, route: Route) -> Repository | None:
        """The repository of the path, if this caller may do this to it."""
        if "repo" not in exchange.arguments:
            return None
        repository = self._hub.find(f"{exchange.arguments['owner']}/{exchange.arguments['repo']}")
        if repository is None:
            raise ApiError(404, "Not Found")
        exchange.need = access.need(route, repository, exchange.arguments, exchange.token)
        access.authorise(route, repository, exchange.need, exchange.token)
        return repository

    def _asked(self, exchange: _Exchange, route: Route) -> Asked:
        return Asked.of(
            route.method,
            route.template,
            path=exchange.arguments,
            query=exchange.request.args.to_dict(),
            body=exchange.request.get_data(),
        )

    def _violation(self, exchange: _Exchange, text: str) -> Reply:
        full = f"{exchange.request.method} {exchange.path}: {text}"
        self._hub.violations.append(full)
        return ApiError(500, f"OpenAPI violation: {full}").reply()

    def _record(self, exchange: _Exchange, status: int) -> None:
        request = exchange.request
        body = exchange.body if exchange.body is not None else _sent(request)
        fault = next((type(fault).__name__.lower() for fault in exchange.faults), None)
        self._hub.requests.append(
            RequestRecord(
                method=request.method,
                path=exchange.path,
                template=exchange.route.template if exchange.route else None,
                query=request.args.to_dict(),
                body=body,
                token=exchange.token.owner.login if exchange.token else None,
                status=status,
                need=exchange.need,
                fault=fault,
                headers={name: value for name, value in request.headers if name.lower() != "authorization"},
            )
        )

    def _send(self, exchange: _Exchange, reply: Reply, reset: Reset | None) -> Response:
        headers = {"X-GitHub-Request-Id": f"SANDBOX:{len(self._hub.requests)}", "X-GitHub-Media-Type": "github.v3"}
        if exchange.route is not None and exchange.route.needs:
            headers["X-Accepted-GitHub-Permissions"] = access.accepted_permissions(exchange.route.needs)
        data = reply.encoded()
        slow = exchange.fault(Slow)
        response = Response(status=reply.status, headers={**headers, **reply.headers})
        if reply.body is not None:
            response.content_type = reply.media
            response.content_length = len(data)
        if reset:
            response.response = _half(data, exchange.request.environ)
        elif slow and slow.body:
            response.response = _trickle(data, slow.body)
        else:
            response.set_data(data)
        if reply.body is None:
            response.headers.pop("Content-Type", None)
        return response


def _json(request: Request) -> Any:
    """The body as JSON, None for none. Raises ApiError 400."""
    data = request.get_data()
    if not data:
        return None
    try:
        return json.loads(data)
    except ValueError as error:
        raise ApiError(400, "Problems parsing JSON") from error


def _sent(request: Request) -> Any:
    """The body for the ledger, None for what is no JSON or did not come whole."""
    try:
        return request.get_json(force=True, silent=True)
    except ClientDisconnected:
        return None


def _trickle(data: bytes, seconds: float) -> Iterator[bytes]:
    size = max(len(data) // 10, 1)
    for at in range(0, len(data), size):
        time.sleep(seconds / 10)
        yield data[at : at + size]


def _half(data: bytes, environ: WSGIEnvironment) -> Iterator[bytes]:
    yield data[: max(len(data) // 2, 1)]
    _reset(environ)
    raise ConnectionResetError("as told by hub.behave")


def _reset(environ: WSGIEnvironment) -> None:
    """Close the connection so that the peer gets a TCP reset, not an orderly end."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
