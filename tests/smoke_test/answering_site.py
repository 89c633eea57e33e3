"""A site on loopback whose answers are functions of the request, and plans that ask it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

from actionkit.asserts import parse_assert, parse_capture
from actionkit.errors import Unreadable
from actionkit.web.client import Client
from actionkit.web.statuses import statuses
from actionkit.web.way import Way
from smoke_test.model import Auth, Body, Options, Place, Plan, Run, Send, Step, StepResult, Test
from smoke_test.runner import run_plan
from smoke_test.step_run import Ground, RunDoors, Session

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLACE = Place("smoke.yml", 7)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; `peer` is the port it came from."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    peer: int

    def cookies(self) -> dict[str, str]:
        pairs = (one.partition("=") for one in self.headers.get("cookie", "").split("; ") if one)
        return {name: value for name, _, value in pairs}


HANG_UP = 0


@dataclass(frozen=True)
class Said:
    """An answer; with the status HANG_UP there is none, and the connection ends."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def said(value: Any = None, status: int = 200, *headers: tuple[str, str]) -> Said:
    return Said(status, json.dumps(value).encode(), (("Content-Type", "application/json"), *headers))


def moved(to: str, status: int = 302, *headers: tuple[str, str]) -> Said:
    return Said(status, b"", (("Location", to), *headers))


Route = Callable[[Asked], Said]


@dataclass
class Site:
    """`seen` are all requests in their order."""

    url: str
    routes: dict[str, Route] = field(default_factory=dict)
    seen: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.seen]


def _missing(_: Asked) -> Said:
    return said({"error": "none"}, 404)


@contextmanager
def site(routes: Mapping[str, Route]) -> Iterator[Site]:
    """Serve `routes` by path without query; any other path is a 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            names = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, names, body, self.client_address[1])
            served.seen.append(asked)
            answer = served.routes.get(self.path.partition("?")[0], _missing)(asked)
            if answer.status == HANG_UP:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_PUT = do_DELETE = do  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that hung up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    served = Site(f"http://127.0.0.1:{server.server_port}", dict(routes))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def step(
    url: str = "/",
    *asserts: str,
    name: str = "",
    method: str = "GET",
    status: str = "",
    captures: Mapping[str, str] | None = None,
    fail_when: tuple[str, ...] = (),
    expects: tuple[tuple[str, str], ...] = (),
    schema: str = "",
    body: Body | None = None,
    auth: Auth | None = None,
    params: tuple[tuple[str, str], ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
    cookies: tuple[tuple[str, str], ...] = (),
    **options: Any,
) -> Step:
    return Step(
        name=name or url,
        send=Send(method=method, url=url, body=body, auth=auth, params=params, headers=headers, cookies=cookies),
        place=PLACE,
        options=Options(fail_when=tuple(map(parse_assert, fail_when)), **options),
        status=statuses(status) if status else None,
        headers=expects,
        json_schema=schema,
        asserts=tuple(map(parse_assert, asserts)),
        captures=tuple((name, parse_capture(text)) for name, text in (captures or {}).items()),
    )


def scenario(name: str, *steps: Step) -> Test:
    return Test(name=name, steps=steps)


def plan(base_url: str, *tests: Test, **more: Any) -> Plan:
    return Plan(path="smoke.yml", base_url=base_url, tests=tests, **more)


@dataclass
class Watched:
    """Everything that went through the doors of a run. `waits` are the seconds it would have waited for."""

    hidden: list[str] = field(default_factory=list)
    done: list[StepResult] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    clients: list[Client] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    def doors(self, **more: Any) -> RunDoors:
        return RunDoors(
            client=self._client,
            read_file=self._read,
            now=lambda: NOON,
            **{"hide": self.hidden.append, "done": self.done.append, "pause": self._pause, **more},
        )

    def run(
        self,
        given: Plan,
        secrets: Mapping[str, str] | None = None,
        *,
        fail_fast: bool = False,
        finally_seconds: float = 2.0,
        load: Callable[[Ground, Session], None] | None = None,
        **doors: Any,
    ) -> Run:
        opened, known = self.doors(**doors), secrets or {}
        return run_plan(given, known, opened, fail_fast=fail_fast, finally_seconds=finally_seconds, load=load)

    def one(self, base_url: str, given: Step, secrets: Mapping[str, str] | None = None, **doors: Any) -> StepResult:
        """The result of a plan with this step alone."""
        return self.run(plan(base_url, scenario("alone", given)), secrets, **doors).steps[0]

    def _client(self, insecure: bool) -> Client:
        self.clients.append(Client(Way(insecure=insecure), keep=True))
        return self.clients[-1]

    def _read(self, path: str) -> bytes:
        if path not in self.files:
            raise Unreadable(path, "does not exist")
        return self.files[path]

    def _pause(self, _: Event, seconds: float) -> None:
        self.waits.append(seconds)


def told(run: Run) -> list[tuple[str, str, str]]:
    return [(result.test, result.name, result.state.value) for result in run.steps]
