"""Probes of ports, of Redis and of PostgreSQL, against servers that say what they should and servers that do not."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from time import monotonic

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.health_wait import raw_server
from tests.health_wait.probing import a_prober, a_target, probe
from tests.health_wait.raw_server import answering, conversing, serving

from actionkit.surroundings import Surroundings
from actionkit.untrusted import one_line
from actionkit.web.deadline import Deadline
from actionkit.web.model import Cause, Phase
from actionkit.web.way import Way
from health_wait import postgres_probe, redis_probe
from health_wait.conversation import Conversation

PING = b"*1\r\n$4\r\nPING\r\n"
PASSWORD = "correct-horse"


def an_error(state: str, message: str, severity: str = "FATAL") -> bytes:
    """PostgreSQL's ErrorResponse."""
    fields = b"".join(code + text.encode() + b"\0" for code, text in ((b"S", severity), (b"C", state), (b"M", message)))
    return b"E" + struct.pack("!I", len(fields) + 5) + fields + b"\0"


AUTHENTICATION_OK = b"R" + struct.pack("!II", 8, 0)
SASL = b"R" + struct.pack("!II", 23, 10) + b"SCRAM-SHA-256\0\0"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is taken, so that nobody else gets it, and on which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_port_that_accepts_is_up() -> None:
    for script in (raw_server.silent, raw_server.flooding, answering(b"220 hello\r\n")):
        with serving(script) as port:
            found = probe(f"tcp://127.0.0.1:{port}")
        assert (found.ok, found.serving, found.address, found.reason) == (True, True, "127.0.0.1", "")
        assert found.due <= found.began <= found.ended


def test_a_port_that_accepts_and_hangs_up_is_not() -> None:
    with serving(raw_server.closing) as port:
        found = probe(f"tcp://127.0.0.1:{port}")
    assert (found.ok, found.cause, found.phase) == (False, Cause.CLOSED, Phase.RECEIVE)
    assert found.reason == "accepts the connection and closes it at once, as a proxy does that has no backend"


def test_a_connection_that_is_broken_off_is_closed_too() -> None:
    ours, theirs = socket.socketpair()
    with Conversation(ours, Deadline.after(5), name="db", address="10.0.0.1") as conversation:
        conversation.send(b"unread")
        theirs.close()
        assert conversation.is_closed_within(5)


@pytest.mark.parametrize("scheme", ["tcp", "redis", "postgres"])
def test_a_port_on_which_nothing_listens_refuses(scheme: str, closed_port: int) -> None:
    found = probe(f"{scheme}://127.0.0.1:{closed_port}")
    assert (found.ok, found.serving, found.phase, found.cause) == (False, False, Phase.TCP, Cause.REFUSED)
    assert found.reason == f"refuses connections: nothing listens on 127.0.0.1 port {closed_port}"
    assert not found.hard


def test_a_container_that_asks_itself_is_told_what_to_write_instead(closed_port: int) -> None:
    prober = a_prober(surroundings=Surroundings(True, "172.18.0.1"))
    said = prober.probe(a_target(f"tcp://localhost:{closed_port}"), 0.0).reason
    assert "`localhost` is this action's own container here" in said
    assert f"as in `NAME:{closed_port}`" in said
    assert "the Docker gateway (`172.18.0.1`)" in said


def test_a_name_that_leads_to_the_metadata_service_is_not_waited_for() -> None:
    way = Way(resolve=lambda _host, _port: ("169.254.169.254",))
    found = probe("tcp://shop.example:80", way=way)
    assert (found.hard, found.cause) == (True, Cause.FORBIDDEN_ADDRESS)


def test_one_replica_is_probed_by_its_address() -> None:
    way = Way(resolve=lambda _host, _port: ("127.0.0.2", "127.0.0.1"))
    with serving(raw_server.silent) as port:
        target = a_target(f"tcp://shop.example:{port}", census="true")
        assert a_prober(way).replicas(target) == ("127.0.0.2", "127.0.0.1")
        found = probe(f"tcp://shop.example:{port}", way=way, replica="127.0.0.1")
    assert (found.ok, found.replica, found.address) == (True, "127.0.0.1", "127.0.0.1")


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (b"+PONG\r\n", ""),
        (b"-NOAUTH Authentication required.\r\n", ""),
        (b"-NOPERM this user has no permissions to run the 'ping' command\r\n", ""),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "is loading its data: `LOADING Redis is loading"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "is a replica that has lost its master: `MASTERDOWN"),
        (b"-BUSY Redis is busy running a script.\r\n", "is busy with a script: `BUSY"),
        (b"-DENIED Redis is running in protected mode\r\n", "is in protected mode and turns other hosts away"),
        (b"-ERR max number of clients reached\r\n", "has no room for another client: `ERR max"),
        (b"-ERR unknown command\r\n", "does not answer PING: `ERR unknown command`"),
        (b"HTTP/1.1 400 Bad Request\r\n", "does not speak the Redis protocol"),
        (b"+\r\n", "does not speak the Redis protocol"),
        (
            b"-\x1b[31mred\x1b[0m `tick`\xe2\x80\xae" + b"x" * 5000,
            "does not answer PING: `red 'tick'\N{REPLACEMENT CHARACTER}xxx",
        ),
        (b"+PONG" + b"x" * 600, ""),
    ],
)
def test_what_redis_says_to_ping(reply: bytes, reason: str) -> None:
    with serving(conversing((PING, reply))) as port:
        found = probe(f"redis://127.0.0.1:{port}/0")
    assert (found.ok, found.serving) == (not reason, not reason)
    assert found.reason.startswith(reason)
    assert len(found.reason) < 250
    assert found.address == "127.0.0.1"
    assert found.phase is (Phase.RECEIVE if reason else None)
    assert found.cause is None


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ("", b"*2\r\n$4\r\nAUTH\r\n$13\r\ncorrect-horse\r\n"),
        ("app%40x", b"*3\r\n$4\r\nAUTH\r\n$5\r\napp@x\r\n$13\r\ncorrect-horse\r\n"),
    ],
)
def test_redis_is_given_the_password_of_the_url(user: str, sent: bytes) -> None:
    with serving(conversing((sent, b"+OK\r\n"), (PING, b"+PONG\r\n"))) as port:
        assert probe(f"redis://{user}:{PASSWORD}@127.0.0.1:{port}").ok


@pytest.mark.parametrize(
    ("to_auth", "to_ping", "reason"),
    [
        (b"-WRONGPASS invalid username-password pair\r\n", b"", "does not accept the user and password: `WRONGPASS"),
        (b"-ERR AUTH <password> called without any password\r\n", b"", "does not accept the user and password: `ERR"),
        (b"-LOADING loading\r\n", b"", "is loading its data"),
        (b"+OK\r\n", b"-NOPERM no\r\n", "does not answer PING: `NOPERM no`"),
        (b"$-1\r\n", b"", "does not speak the Redis protocol"),
    ],
)
def test_a_password_that_is_given_must_do(to_auth: bytes, to_ping: bytes, reason: str) -> None:
    with serving(conversing((b"\r\n", to_auth), (PING, to_ping))) as port:
        found = probe(f"redis://:{PASSWORD}@127.0.0.1:{port}")
    assert not found.ok
    assert found.reason.startswith(reason)
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (AUTHENTICATION_OK, ""),
        (SASL, ""),
        (an_error("28P01", "password authentication failed"), ""),
        (an_error("28000", "no pg_hba.conf entry"), ""),
        (an_error("3D000", "database does not exist"), ""),
        (
            an_error("57P03", "the database system is starting up"),
            "is starting up or shutting down: `the database system is starting up` (SQLSTATE 57P03)",
        ),
        (an_error("57P01", "terminating connection"), "is starting up or shutting down: `terminating connection`"),
        (an_error("53300", "sorry, too many clients already"), "has no room for another connection: `sorry"),
        (an_error("58030", "could not read"), "has trouble with its own system: `could not read`"),
        (an_error("XX000", "cache lookup failed"), "has an internal error: `cache lookup failed`"),
        (an_error("", "odd"), "answers with an error that PostgreSQL would not send: `odd`"),
        (b"E" + struct.pack("!I", 30001), "does not speak the PostgreSQL protocol"),
        (b"E" + struct.pack("!I", 5) + b"\0", "does not speak the PostgreSQL protocol"),
        (b"R" + struct.pack("!I", 1 << 31), "does not speak the PostgreSQL protocol"),
        (b"HTTP/1.1 400 Bad Request", "does not speak the PostgreSQL protocol"),
        (b"J\0\0\0\x0a5.7.44\0", "does not speak the PostgreSQL protocol"),
    ],
)
def test_what_postgres_says_to_a_start_up_packet(reply: bytes, reason: str) -> None:
    with serving(answering(reply)) as port:
        found = probe(f"postgres://127.0.0.1:{port}")
    assert (found.ok, found.serving, found.cause) == (not reason, not reason, None)
    assert found.reason.startswith(reason)


def test_the_start_up_packet_is_protocol_3_0_with_user_and_database() -> None:
    assert postgres_probe.credentials("postgres://app:x@db/shop%20a") == ("app", "shop a")
    assert postgres_probe.credentials("postgres://db") == ("postgres", "postgres")
    packet = postgres_probe.start_up("app", "shop")
    assert struct.unpack("!II", packet[:8]) == (len(packet), 196608)
    assert packet[8:] == b"user\0app\0database\0shop\0application_name\0health-wait\0\0"


@pytest.mark.parametrize("scheme", ["redis", "postgres"])
@pytest.mark.parametrize(
    ("script", "phase", "cause", "reason"),
    [
        (
            raw_server.silent,
            Phase.WAIT,
            Cause.SILENT,
            "accepts connections but sent no byte of an answer within 0.25 s",
        ),
        (raw_server.resetting, Phase.WAIT, Cause.RESET, "reset the connection before it answered"),
        (answering(b"-"), Phase.RECEIVE, Cause.SLOW, "began an answer but did not finish it within 0.25 s"),
    ],
)
def test_a_server_that_does_not_answer_costs_no_more_than_the_time_out(
    scheme: str, script: raw_server.Script, phase: Phase, cause: Cause, reason: str
) -> None:
    begun = monotonic()
    with serving(script) as port:
        found = probe(f"{scheme}://127.0.0.1:{port}", timeout="250ms")
        took = monotonic() - begun
    assert (found.ok, found.phase, found.cause, found.reason) == (False, phase, cause, reason)
    assert took < 2.5


@pytest.mark.parametrize(
    ("scheme", "script", "cause"),
    [
        ("redis", raw_server.closing, {Cause.CLOSED, Cause.RESET}),
        ("postgres", raw_server.closing, {Cause.CLOSED, Cause.RESET}),
        ("redis", raw_server.trickling(b"+"), {Cause.SLOW}),
        ("postgres", raw_server.trickling(an_error("57P03", "x" * 200)), {Cause.SLOW}),
        ("postgres", raw_server.flooding, {None}),
        ("redis", raw_server.flooding, {None}),
    ],
)
def test_hostile_servers_are_told_in_time(scheme: str, script: raw_server.Script, cause: set[Cause | None]) -> None:
    with serving(script) as port:
        found = probe(f"{scheme}://127.0.0.1:{port}", timeout="400ms")
    assert not found.ok
    assert found.cause in cause
    assert found.ended - found.began < 4


def test_half_an_answer_is_told_as_such() -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(an_error("57P03", "the database")[:12])

    with serving(script) as port:
        found = probe(f"postgres://127.0.0.1:{port}")
    assert (found.cause, found.reason) == (Cause.TRUNCATED, "closed the connection in the middle of its answer")


@pytest.mark.parametrize("scheme", ["redis", "postgres"])
@given(reply=st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"E\0\0\0\x20" + rest))
@settings(max_examples=25)
def test_any_bytes_make_a_probe(scheme: str, reply: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(reply)

    with serving(script) as port:
        found = probe(f"{scheme}://127.0.0.1:{port}")
    assert found.ok == (not found.reason)
    assert one_line(found.reason) == found.reason
    assert found.ended - found.began < 20


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def over_tls(authority: trustme.CA, script: raw_server.Script, first: bytes = b"") -> raw_server.Script:
    """The script behind a certificate for `localhost`; `first` is said in the clear after the first request."""
    import ssl

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    def secured(connection: socket.socket) -> None:
        if first:
            connection.recv(8)
            connection.sendall(first)
        with context.wrap_socket(connection, server_side=True) as inside:
            script(inside)

    return secured


def test_redis_over_tls_is_verified_unless_that_is_switched_off(
    authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    way = Way(ca_bundle=str(bundle))
    with serving(over_tls(authority, conversing((PING, b"+PONG\r\n")))) as port:
        assert probe(f"rediss://localhost:{port}", way=way).ok
        assert probe(f"rediss://127.0.0.1:{port}", way=way).cause is Cause.WRONG_HOST
        distrusted = probe(f"rediss://localhost:{port}")
        assert (distrusted.phase, distrusted.cause) == (Phase.TLS, Cause.UNTRUSTED)
        assert probe(f"rediss://localhost:{port}", insecure="true").ok
        assert probe(f"rediss://localhost:{port}", way=Way(ca_bundle=str(bundle.with_name("no.pem")))).hard


def test_a_server_that_speaks_no_tls_is_told_in_the_scheme_of_its_own_protocol() -> None:
    with serving(answering(b"-ERR unknown command\r\n")) as port:
        found = probe(f"rediss://127.0.0.1:{port}")
    said = "answers the TLS handshake in something other than TLS"
    assert (found.cause, found.reason) == (Cause.TLS_FAILED, f"{said} (plain Redis? then write redis://)")
    with serving(answering(b"Sorry, no TLS here\r\n")) as port:
        found = probe(f"postgres://127.0.0.1:{port}/?sslmode=require")
    assert (found.cause, found.reason) == (Cause.TLS_FAILED, said)


def test_postgres_over_tls_is_verified_as_libpq_does(
    authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bundle = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    way = Way(ca_bundle=str(bundle))
    with serving(over_tls(authority, answering(SASL), b"S")) as port:
        assert probe(f"postgres://localhost:{port}/?sslmode=require").ok
        assert probe(f"postgres://localhost:{port}/?sslmode=verify-full").cause is Cause.UNTRUSTED
        assert probe(f"postgres://localhost:{port}/?sslmode=verify-full", way=way).ok
        assert probe(f"postgres://127.0.0.1:{port}/?sslmode=verify-full", way=way).cause is Cause.WRONG_HOST
        assert probe(f"postgres://127.0.0.1:{port}/?sslmode=verify-ca", way=way).ok
        assert probe(f"postgres://127.0.0.1:{port}/?sslmode=verify-ca").cause is Cause.UNTRUSTED
    with serving(answering(b"N")) as port:
        found = probe(f"postgres://127.0.0.1:{port}/?sslmode=require")
    assert found.reason == "does not offer TLS, which `sslmode=require` asks for"


def test_a_redis_command_is_an_array_of_bulk_strings() -> None:
    assert redis_probe.command("AUTH", "pä") == b"*2\r\n$4\r\nAUTH\r\n$3\r\np\xc3\xa4\r\n"


def test_a_request_that_nobody_takes_is_told() -> None:
    over = threading.Event()

    def deaf(connection: socket.socket) -> None:
        connection.recv(1)
        over.wait(20)

    with serving(deaf) as port:
        found = probe(f"postgres://{'x' * 8_000_000}@127.0.0.1:{port}", timeout="200ms")
        over.set()
    assert (found.phase, found.cause) == (Phase.SEND, Cause.SLOW)
    assert found.reason == "did not take the whole request within 0.2 s"
