"""Kept connections: used again where that is safe, and replaced where the server has closed them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from tests.actionkit.web.rawserver import Behaviour, Peer, RawServer, answer, answers, keeps_answering

from actionkit.web.client import Client
from actionkit.web.model import Cause, Limits, Request, Trouble

LIMITS = Limits(total_seconds=3)


def answers_once_then(act: Behaviour) -> Behaviour:
    """Answers the first request on a connection, and treats the second otherwise."""

    def behave(peer: Peer) -> None:
        peer.hear()
        peer.say(answer(b"first"))
        peer.hear()
        act(peer)

    return behave


def test_a_connection_is_used_again_and_its_phases_do_not_happen_again() -> None:
    with RawServer(keeps_answering(answer())) as server, Client(keep=True) as client:
        first, second = (client.send(Request("GET", server.url), LIMITS) for _ in range(2))
        assert server.connections == 1
    assert first.timings.tcp > 0
    assert (second.timings.dns, second.timings.tcp) == (0.0, 0.0)
    assert second.address == "127.0.0.1"
    assert b"Connection: close" not in server.heard[0]


def test_without_keeping_every_exchange_has_a_connection_of_its_own() -> None:
    with RawServer(keeps_answering(answer())) as server, Client() as client:
        for _ in range(2):
            client.send(Request("GET", server.url), LIMITS)
        assert server.connections == 2


@pytest.mark.parametrize(
    "said",
    [
        answer(b"x", b"Connection: close"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
        answer(b"x") + b"unasked",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_a_connection_that_must_not_be_used_again_is_not(said: bytes) -> None:
    with RawServer(keeps_answering(said)) as server, Client(keep=True) as client:
        for _ in range(2):
            client.send(Request("GET", server.url), LIMITS)
        assert server.connections == 2


def test_bodies_of_every_framing_leave_a_connection_usable() -> None:
    said = [
        answer(b"x" * 100_000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ]

    def one_after_the_other(peer: Peer) -> None:
        for what in said:
            peer.hear()
            peer.say(what)
        peer.hang()

    with RawServer(one_after_the_other) as server, Client(keep=True) as client:
        assert [len(client.send(Request("GET", server.url), LIMITS).body) for _ in said] == [100_000, 1, 0, 0]
        assert server.connections == 1


def test_a_connection_closed_while_idle_is_replaced_before_anything_is_sent() -> None:
    with RawServer(answers(answer()), keeps_answering(answer(b"new"))) as server, Client(keep=True) as client:
        client.send(Request("GET", server.url), LIMITS)
        time.sleep(0.1)
        assert client.send(Request("POST", server.url, body=b"x"), LIMITS).body == b"new"
        assert server.connections == 2


@pytest.mark.parametrize("act", [lambda peer: None, lambda peer: peer.reset()], ids=["closed", "reset"])
def test_a_kept_connection_that_fails_before_the_answer_is_replaced_once(act: Behaviour) -> None:
    with RawServer(answers_once_then(act)) as server, Client(keep=True) as client:
        assert client.send(Request("GET", server.url), LIMITS).body == b"first"
        again = client.send(Request("GET", server.url), LIMITS)
        assert (again.body, server.connections) == (b"first", 2)
        assert again.timings.tcp > 0


def test_what_may_have_taken_effect_is_not_sent_again() -> None:
    with RawServer(answers_once_then(lambda peer: None)) as server, Client(keep=True) as client:
        client.send(Request("GET", server.url), LIMITS)
        with pytest.raises(Trouble) as caught:
            client.send(Request("POST", server.url, body=b"order"), LIMITS)
    assert caught.value.cause is Cause.CLOSED
    assert server.connections == 1


def test_a_kept_connection_that_fails_in_the_middle_of_the_answer_is_not_replaced() -> None:
    with RawServer(answers_once_then(lambda peer: peer.say(b"HTTP/1.1 2"))) as server, Client(keep=True) as client:
        client.send(Request("GET", server.url), LIMITS)
        with pytest.raises(Trouble) as caught:
            client.send(Request("GET", server.url), LIMITS)
    assert caught.value.cause is Cause.TRUNCATED


def test_a_new_connection_is_never_tried_twice() -> None:
    with RawServer(answers(b"")) as server, Client(keep=True) as client:
        with pytest.raises(Trouble) as caught:
            client.send(Request("GET", server.url), LIMITS)
        assert (caught.value.cause, server.connections) == (Cause.CLOSED, 1)


def test_a_failed_connection_is_forgotten() -> None:
    def silent(peer: Peer) -> None:
        peer.server.over.wait(5)

    with RawServer(answers_once_then(silent)) as server, Client(keep=True) as client:
        client.send(Request("GET", server.url), LIMITS)
        with pytest.raises(Trouble) as caught:
            client.send(Request("GET", server.url), Limits(total_seconds=0.2))
        assert caught.value.cause is Cause.SILENT
        assert client.send(Request("GET", server.url), LIMITS).body == b"first"
        assert server.connections == 2


def test_only_so_many_idle_connections_are_kept() -> None:
    with RawServer(keeps_answering(answer())) as server, Client(keep=True) as client:
        for number in range(1, 19):
            client.send(Request("GET", f"http://127.0.0.{number}.example:{server.port}/"), LIMITS, pin="127.0.0.1")
        client.send(Request("GET", f"http://127.0.0.18.example:{server.port}/"), LIMITS, pin="127.0.0.1")
        assert server.connections == 18
        client.send(Request("GET", f"http://127.0.0.1.example:{server.port}/"), LIMITS, pin="127.0.0.1")
        assert server.connections == 19


def test_sends_in_flight_do_not_hold_up_the_end_of_the_process(tmp_path: Path) -> None:
    """A worker waits for a silent server and another for a name server that hangs; SIGTERM ends the process at once."""
    program = tmp_path / "program.py"
    program.write_text(
        textwrap.dedent(
            """
            import signal, sys, threading, time
            from actionkit.web.client import Client
            from actionkit.web.model import Limits, Request
            from actionkit.web.way import Way

            def hangs(host, port):
                time.sleep(60)

            def send(client, url):
                client.send(Request("GET", url), Limits(60, 60))

            signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
            for client, url in ((Client(), sys.argv[1]), (Client(Way(resolve=hangs)), "http://x.example/")):
                threading.Thread(target=send, args=(client, url), daemon=True).start()
            time.sleep(0.2)
            print("waiting", flush=True)
            time.sleep(60)
            """
        )
    )

    def silent(peer: Peer) -> None:
        peer.hang()

    shared = Path(__file__).parents[3] / "shared"
    with (
        RawServer(silent) as server,
        subprocess.Popen(
            [sys.executable, str(program), server.url],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(shared)},
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == b"waiting\n"
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
    assert time.monotonic() - begun < 3
