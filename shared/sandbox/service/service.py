"""The sample service: a shop with several replicas and a proxy in front, on real sockets, with faults on demand."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from socket import EAI_NONAME, gaierror, socket
from types import TracebackType
from typing import Self, TypeVar

from .admin import answering
from .balancer import BALANCER, Balancer
from .endpoint import Endpoint, State, bound
from .faults import Fault, Kind, NoSuchFaultError, made
from .loop import LoopThread
from .replica import Arrivals, Replica, Seen
from .rollout import Rollout, UnderWayError
from .shop import Shop
from .tls import Authority
from .transitions import Gap, Release, Transition, What, gaps, release

LOOPBACK = "127.0.0.1"
T = TypeVar("T")


class Service:
    """Serves from `with Service() as service:` to the end of the block (or from `start()` to `close()`).

    On loopback the proxy has 127.0.0.1 and the replicas 127.0.0.2, .3, … with one port for all; with another `bind`
    all have that address and replicas their own ports. `name` resolves (see `resolver`) to the replicas, `www.` and
    name to the proxy. `tls` makes all of them speak HTTPS. Every method may be called from any thread.
    """

    def __init__(
        self,
        replicas: int = 3,
        version: str = "1.4.1",
        *,
        tls: Authority | None = None,
        bind: str = LOOPBACK,
        port: int = 0,
        name: str = "shop.test",
        balancer_seconds: float = 1.0,
        shop: Shop | None = None,
    ) -> None:
        self.name, self.tls, self.shop = name, tls, shop or Shop()
        self._bind, self._port = bind, port
        self._arrivals = Arrivals()
        self._transitions: list[Transition] = []
        self._releases = [release(version)]
        self._rollout: Rollout | None = None
        self._thaw = threading.Event()
        first = self._releases[0]
        self.replicas = tuple(
            Replica(f"replica-{number}", first, self.shop, self._arrivals) for number in range(1, replicas + 1)
        )
        self.balancer = Balancer(self.replicas, balancer_seconds, _trusting() if tls else None)
        self._loop: LoopThread | None = None
        self._admin: Endpoint | None = None

    def start(self) -> Self:
        """Bind and listen. Raises OSError: a port that was asked for is taken."""
        places = _places(self._bind, self._port, len(self.replicas) + 1)
        owners: tuple[Balancer | Replica, ...] = (self.balancer, *self.replicas)
        for owner, place in zip(owners, places, strict=True):
            owner.endpoint = Endpoint(place, owner.serve, self.tls, partial(self._changed, owner.name))
        self._loop = LoopThread(f"service {self.name}")
        self._call(self._open)
        return self

    def close(self) -> None:
        """Close every socket and end the thread. Closing twice does nothing."""
        if self._loop is None:
            return
        self._thaw.set()
        self._call(self._shut)
        self._loop.close()
        self._loop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def url(self) -> str:
        """`http(s)://address:port` of the proxy."""
        return self.balancer.url

    @property
    def port(self) -> int:
        return self.balancer.port

    @property
    def requests(self) -> tuple[Seen, ...]:
        """What has arrived at the replicas, in order, but for /bench/*."""
        return tuple(self._arrivals.seen)

    @property
    def arrived(self) -> int:
        """How many requests have arrived at the replicas, those for /bench/* counted."""
        return self._call(self._arrivals.counts.total)

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """What happened to the servers, in order."""
        return tuple(self._transitions)

    @property
    def deploying(self) -> bool:
        return self._rollout is not None and not self._rollout.over

    @property
    def mishaps(self) -> tuple[str, ...]:
        """Exceptions of the sandbox itself; a test may hold that there are none."""
        return tuple(self._loop.mishaps) if self._loop else ()

    def gaps(self, replica: int) -> tuple[Gap, ...]:
        """When the port of this replica (0 is the first) accepted nothing."""
        return gaps(self._transitions, self.replicas[replica].name)

    def resolver(self, host: str, port: int = 0, seconds: float = 0.0) -> tuple[str, ...]:  # noqa: ARG002
        """The addresses of a name of ours, or of an address itself. Raises socket.gaierror for any other."""
        if host == self.name:
            return tuple(dict.fromkeys(replica.address for replica in self.replicas))
        if host == f"www.{self.name}":
            return (self.balancer.address,)
        try:
            return (str(ipaddress.ip_address(host.strip("[]"))),)
        except ValueError:
            raise gaierror(EAI_NONAME, "Name or service not known") from None

    def fault(self, kind: str, *, on: int | str | None = None, **options: object) -> Fault:
        """Switch a fault on: `on` a replica (0 is the first), "balancer", or None for all replicas.

        `kind` is one of `Kind`; options are those of `Fault` and `Schedule`: `fault("status", status=503, seconds=5)`
        is a slow start, `fault("reset", every=3)` a flapping service, `fault("hang", path="/api/*")` a path that
        hangs. Raises NoSuchFaultError.
        """
        fault = made(kind, options)
        endpoints = self._chosen(on)
        if fault.kind in _NEEDS_TLS and self.tls is None:
            raise NoSuchFaultError(f"{kind} needs a service with tls")
        self._call(lambda: self._set(endpoints, fault))
        return fault

    def mend(self, on: int | str | None = None) -> None:
        """Switch all faults off, everywhere unless told where, and close the connections that hang."""
        endpoints = self._endpoints() if on is None else self._chosen(on)
        self._call(lambda: self._mended(endpoints))

    def freeze(self, seconds: float, after: float = 0.0) -> None:
        """Stop reading and answering for that long, as in a long pause of a garbage collector; then go on.

        Connections are still accepted by the kernel. Returns at once.
        """
        self._call(lambda: asyncio.get_running_loop().call_later(after, self._frozen, seconds))

    def rolling_deploy(
        self, to: str, *, gap_seconds: float = 0.2, pause: float = 0.1, defect: Fault | None = None
    ) -> Rollout:
        """Replace the replicas one after another; returns at once. Raises UnderWayError."""
        return self._call(lambda: self._roll(release(to, defect), gap_seconds, pause))

    def bad_version(
        self,
        to: str,
        *,
        after_requests: int = 0,
        after_seconds: float = 0.0,
        status: int = 500,
        gap_seconds: float = 0.2,
        pause: float = 0.1,
    ) -> Rollout:
        """A rolling deploy of a version that answers well for so many requests or seconds (of each replica), and
        from then on with `status`."""
        options = {"after_requests": after_requests, "after_seconds": after_seconds, "status": status}
        defect = made(Kind.STATUS, dict(options))
        return self.rolling_deploy(to, gap_seconds=gap_seconds, pause=pause, defect=defect)

    def rollback(self, *, gap_seconds: float = 0.2, pause: float = 0.1) -> Rollout:
        """Abandon a deploy under way, and deploy the version before the last one."""
        return self._call(lambda: self._back(gap_seconds, pause))

    def administered(self, stop: Callable[[], None], port: int = 0) -> str:
        """Open the admin port (sandbox.service.admin) and return its URL. Raises OSError: the port is taken."""
        place = bound(self._bind, port)
        self._admin = Endpoint(place, answering(self, stop), None, lambda _: None)
        self._call(self._admin.start)
        return self._admin.url

    def _roll(self, to: Release, gap_seconds: float, pause: float) -> Rollout:
        if self._rollout is not None and self.deploying:
            raise UnderWayError(f"{self._rollout.release.version} is being deployed")
        self._releases.append(to)
        self._rollout = Rollout(self.replicas, to, gap_seconds, pause)
        return self._rollout

    def _back(self, gap_seconds: float, pause: float) -> Rollout:
        if self._rollout is None or len(self._releases) < 2:
            raise UnderWayError("there is no version to go back to")
        self._rollout.abandon()
        before = self._releases[-2]
        del self._releases[-2:]
        return self._roll(before, gap_seconds, pause)

    def _set(self, endpoints: Mapping[str, Endpoint], fault: Fault) -> None:
        for name, endpoint in endpoints.items():
            endpoint.faults.set(fault, time.monotonic())
            self._record(name, "fault", fault.kind.value)
            if fault.of_the_port:
                endpoint.settle()
                if fault.when.seconds is not None:
                    asyncio.get_running_loop().call_later(fault.when.seconds, endpoint.settle)

    def _mended(self, endpoints: Mapping[str, Endpoint]) -> None:
        for name, endpoint in endpoints.items():
            endpoint.faults.clear()
            endpoint.settle()
            endpoint.let_go()
            self._record(name, "mended")

    def _frozen(self, seconds: float) -> None:
        self._record("service", "frozen")
        self._thaw.wait(seconds)
        self._record("service", "thawed")

    def _open(self) -> None:
        for endpoint in self._endpoints().values():
            endpoint.start()

    def _shut(self) -> None:
        if self._rollout is not None:
            self._rollout.abandon()
        for endpoint in self._endpoints().values():
            endpoint.close()
        if self._admin is not None:
            self._admin.close()

    def _changed(self, server: str, state: State) -> None:
        version = next((replica.version for replica in self.replicas if replica.name == server), "")
        self._record(server, state, version if state == "open" else "")

    def _record(self, server: str, what: What, note: str = "") -> None:
        self._transitions.append(Transition(time.monotonic(), server, what, note))

    def _endpoints(self) -> dict[str, Endpoint]:
        return {BALANCER: self.balancer.endpoint, **{one.name: one.endpoint for one in self.replicas}}

    def _chosen(self, on: int | str | None) -> dict[str, Endpoint]:
        if on == BALANCER:
            return {BALANCER: self.balancer.endpoint}
        if on is None:
            return {one.name: one.endpoint for one in self.replicas}
        if isinstance(on, int) and 0 <= on < len(self.replicas):
            return {self.replicas[on].name: self.replicas[on].endpoint}
        raise NoSuchFaultError(f"no server {on!r}; there are 0 to {len(self.replicas) - 1} and {BALANCER!r}")

    def _call(self, function: Callable[[], T]) -> T:
        if self._loop is None:
            raise RuntimeError("the service is not running")
        return self._loop.call(function)


_NEEDS_TLS = frozenset(
    {Kind.WRONG_HOST, Kind.EXPIRED, Kind.EXPIRING, Kind.SELF_SIGNED, Kind.UNTRUSTED, Kind.PLAIN},
)


def _trusting() -> ssl.SSLContext:
    """The proxy trusts its replicas, whatever their certificate is."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _places(bind: str, port: int, count: int) -> list[socket]:
    """Bound sockets for the proxy and the replicas. Raises OSError: taken."""
    if bind != LOOPBACK:
        return _all([(bind, port + number if port else 0) for number in range(count)])
    while True:
        (first,) = _all([(LOOPBACK, port)])
        chosen: int = first.getsockname()[1]
        try:
            return [first, *_all([(f"127.0.0.{number}", chosen) for number in range(2, count + 1)])]
        except OSError as error:
            first.close()
            if port or error.errno != errno.EADDRINUSE:
                raise


def _all(addresses: list[tuple[str, int]]) -> list[socket]:
    with ExitStack() as stack:
        made = [stack.enter_context(bound(address, port)) for address, port in addresses]
        stack.pop_all()
    return made
