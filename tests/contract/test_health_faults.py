"""Every way in which the sample service fails has a sentence of its own, and no probe takes longer than it may."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from tests.contract.waiting import wait, wait_here

from actionkit.web.way import Way
from health_wait.model import Result
from health_wait.seen import Record, probes_of
from health_wait.verdict import Judgement
from sandbox.consumer import Consumer
from sandbox.runner import Event
from sandbox.service import Authority, Kind, Service

TIMEOUT = 1.0
BUSY = 1.0
"""Seconds for which a thread may have to wait for its turn where all cores are busy."""

GIVEN = {"period": "500ms", "timeout": "1s", "deadline": "4s", "expect_status": "200"}


@dataclass(frozen=True)
class Wrong:
    """A fault of one replica, and what is said of it; `…` stands for anything."""

    kind: Kind
    says: str
    options: Mapping[str, Any]


def wrong(kind: Kind, says: str, **options: Any) -> Wrong:
    return Wrong(kind, says, options)


PLAIN = (
    wrong(Kind.REFUSE, "refuses connections for …: the host is up, but nothing listens on port …"),
    wrong(
        Kind.SILENT,
        "does not answer TCP connects (timeout 1 s) for …: the host is down, or a firewall drops the packets",
    ),
    wrong(
        Kind.HANG,
        "TCP accepts, but no byte of an answer comes (timeout 1 s) for …: the process hangs or is overloaded",
    ),
    wrong(
        Kind.RESET,
        "TCP accepts, but the connection is reset for …: it reset the connection before it answered, "
        "as a process does that crashes or speaks another protocol",
    ),
    wrong(
        Kind.RESET_AFTER_HEADERS,
        "TCP accepts, but the connection is reset for …: it reset the connection in the middle of its answer (…), "
        "as a process does that crashes or speaks another protocol",
    ),
    wrong(
        Kind.CLOSE,
        "TCP accepts, but the connection is closed without an answer for …: the process behind the port is not ready",
    ),
    wrong(
        Kind.BANNER,
        "TCP accepts, but what comes back is not valid HTTP for …: it is an SSH server, not an HTTP server",
    ),
    wrong(
        Kind.TLS,
        "TCP accepts, but what comes back is not valid HTTP for …: it speaks TLS on this port, not plain HTTP: "
        "write https://",
    ),
    wrong(
        Kind.GARBAGE,
        "TCP accepts, but what comes back is not valid HTTP for …: it answers in something other than HTTP",
    ),
    wrong(
        Kind.HUGE_HEADERS,
        "TCP accepts, but what comes back is not valid HTTP for …: it answers with more than 100 headers",
    ),
    wrong(
        Kind.TRICKLE_HEADERS,
        "answers too slowly for …: it began an answer but did not finish its headers within 1 s; "
        "a larger timeout tells whether it ever ends",
    ),
    wrong(
        Kind.TRICKLE_BODY,
        "answers too slowly for …: it did not finish its answer within 1 s (… bytes of the body came); "
        "a larger timeout tells whether it ever ends",
    ),
    wrong(
        Kind.TRUNCATED,
        "begins to answer, but breaks off for …: it closed the connection in the middle of its answer (… bytes came)",
    ),
    wrong(
        Kind.CHUNKED_CUT,
        "begins to answer, but breaks off for …: it closed the connection in the middle of its answer "
        "(… bytes in chunks came)",
    ),
    wrong(Kind.GZIP_BOMB, "answers more than a probe reads for …: probe a smaller page", megabytes=30),
    wrong(Kind.CORRUPT_GZIP, "answers with a damaged body for …: it answers with a body that is no valid gzip data"),
    wrong(
        Kind.STATUS,
        "TCP accepts, but the answer is 503 for …: no backend is ready, or it says itself that it is not",
    ),
    wrong(Kind.STATUS, "answers 500 for …: the application runs, but fails", status=500),
    wrong(
        Kind.STATUS,
        "has no such page (404) for …: the path is wrong, or its route is not deployed yet",
        status=404,
    ),
    wrong(Kind.STATUS, "asks for credentials (401) for …: list 401 in expect-status if that is healthy", status=401),
    wrong(
        Kind.REDIRECT,
        "redirects (302) for …: it redirects to `http://…/elsewhere`, and redirects are not followed",
        location="/elsewhere",
    ),
    wrong(
        Kind.REDIRECT_LOGIN,
        "redirects (302) for …: it redirects to `http://…/login`, which looks like a login, "
        "and redirects are not followed",
    ),
    wrong(
        Kind.REDIRECT_LOOP,
        "redirects (302) for …: it redirects to `http://…/health`, and redirects are not followed",
    ),
    wrong(
        Kind.REDIRECT_METADATA,
        "redirects (302) for …: it redirects to `http://169.254.169.254/…`, and redirects are not followed",
    ),
)
SECURED = (
    wrong(
        Kind.PLAIN,
        "TCP accepts, but the TLS handshake fails for …: it answers the TLS handshake in something other than TLS "
        "(plain HTTP? then write http://)",
    ),
    wrong(
        Kind.TLS,
        "TCP accepts, but the TLS handshake fails for …: it speaks no version of TLS that is still safe (1.2 or newer)",
    ),
    wrong(
        Kind.HANG,
        "TCP accepts, but the TLS handshake does not end (timeout 1 s) for …: "
        "the server is overloaded, or speaks no TLS on port …",
    ),
    wrong(
        Kind.RESET,
        "TCP accepts, but the connection is reset for …: it reset the connection during the TLS handshake, "
        "as a process does that crashes or speaks another protocol",
    ),
    wrong(
        Kind.SELF_SIGNED,
        "TLS answers, but shows an untrusted certificate for …: it shows a self-signed certificate for …, "
        "which no authority vouches for; name it or its authority in ca-bundle",
    ),
    wrong(
        Kind.UNTRUSTED,
        "TLS answers, but shows an untrusted certificate for …: it shows a certificate that cannot be trusted: …; "
        "name it or its authority in ca-bundle",
    ),
    wrong(
        Kind.WRONG_HOST,
        "TLS answers, but shows another host's certificate for …: "
        "it shows a certificate for elsewhere.test, not for 127.0.0.… (issued by …)",
    ),
    wrong(
        Kind.EXPIRED,
        "TLS answers, but shows an outdated certificate for …: it shows a certificate that expired on … UTC (…)",
    ),
    wrong(
        Kind.CLOSE,
        "TCP and TLS accept, but the connection is closed without an answer for …: "
        "the process behind the port is not ready",
    ),
)
ELSEWHERE = {Kind.OLD_VERSION, Kind.EXPIRING}
"""A version is told in test_health_watch; a certificate that is about to expire is healthy."""

Seen = tuple[Record, Judgement]


@pytest.fixture(scope="module")
def plain() -> Seen:
    """A replica for each fault, and one without, watched at once."""
    return watched_with(PLAIN, None)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    addresses = [f"127.0.0.{last}" for last in range(17, 40)]
    return watched_with(SECURED, Authority(tmp_path_factory.mktemp("authority"), addresses))


def watched_with(faults: tuple[Wrong, ...], tls: Authority | None) -> Seen:
    with Service(len(faults) + 1, tls=tls) as service:
        for number, fault in enumerate(faults):
            service.fault(fault.kind, on=number, **fault.options)
        way = Way(ca_bundle=str(tls.ca_pem) if tls else "")
        seen = wait_here([f"{one.url}/health" for one in service.replicas], way, **GIVEN)
        assert service.mishaps == ()
    return seen


def check(seen: Seen, faults: tuple[Wrong, ...]) -> None:
    _, judgement = seen
    for fault, judged in zip(faults, judgement.targets, strict=False):
        pattern = ".+".join(re.escape(part) for part in fault.says.split("…"))
        assert re.fullmatch(pattern, judged.diagnosis), f"{fault.kind}: {judged.diagnosis}"
        assert judged.result is Result.TIMEOUT
    assert judgement.targets[-1].result is Result.HEALTHY, "the replica without a fault"


def test_every_fault_has_its_own_sentence(plain: Seen) -> None:
    check(plain, PLAIN)


def test_and_so_has_every_fault_of_tls(secured: Seen) -> None:
    check(secured, SECURED)


def test_no_two_faults_are_told_alike_and_none_is_forgotten() -> None:
    says = [fault.says for fault in (*PLAIN, *SECURED)]
    assert len(set(says)) == len(says)
    assert {fault.kind for fault in (*PLAIN, *SECURED)} | ELSEWHERE == set(Kind)


def test_no_probe_takes_longer_than_it_may(plain: Seen, secured: Seen) -> None:
    for record, _ in (plain, secured):
        for target, events in zip(record.targets, record.events, strict=True):
            took = [probe.ended - probe.began for probe in probes_of(events)]
            assert min(took) < TIMEOUT + 0.1, target.name
            assert max(took) < TIMEOUT + 0.1 + BUSY, target.name


# TLS through the whole action


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Consumer, Event]]:
    with Consumer.serve(tmp_path_factory.mktemp("tls") / "shop", {"README.md": "# Shop\n"}) as shop:
        yield shop, shop.push()


@pytest.fixture(scope="module")
def service(stage: tuple[Consumer, Event]) -> Iterator[Service]:
    """Its certificates are of an authority in the workspace, `ca/ca.pem`; the last replica's expires in 5 days."""
    shop, _ = stage
    with Service(2, tls=Authority(shop.checkout.path / "ca")) as running:
        running.fault(Kind.EXPIRING, on=1)
        yield running


@pytest.mark.parametrize(
    ("given", "exit_code", "said"),
    [
        ({}, 1, "shows an untrusted certificate"),
        ({"ca_bundle": "ca/ca.pem"}, 0, ""),
        ({"ca_bundle": "ca/ca.pem", "proxy": "http://127.0.0.1:1"}, 1, "cannot be reached through the proxy"),
        ({"insecure": "true"}, 0, "the certificate was not verified"),
        ({"ca_bundle": "README.md"}, 2, "input `ca-bundle`: "),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, dict) else "",
)
def test_a_certificate_is_verified_unless_told_otherwise(
    stage: tuple[Consumer, Event], service: Service, given: dict[str, Any], exit_code: int, said: str
) -> None:
    shop, push = stage
    shown = wait(shop, push, targets=f"{service.url}/health", deadline="1500ms", timeout="1s", **given)
    assert shown.exit_code == exit_code, shown.log
    assert said in shown.log


@pytest.mark.parametrize(("days", "exit_code"), [(3, 0), (14, 1)])
def test_a_certificate_that_soon_expires_can_be_asserted(
    stage: tuple[Consumer, Event], service: Service, days: int, exit_code: int
) -> None:
    shop, push = stage
    expect = f'certificate "Expire-Date" daysAfterNow > {days}'
    shown = wait(
        shop,
        push,
        targets=f"{service.replicas[1].url}/health",
        ca_bundle="ca/ca.pem",
        expect=expect,
        deadline="1500ms",
        timeout="1s",
    )
    assert shown.exit_code == exit_code, shown.log
    assert ("does not answer as expected" in shown.outputs["diagnosis"]) is bool(exit_code)


def test_a_name_that_leads_to_a_metadata_service_ends_the_wait_at_once(stage: tuple[Consumer, Event]) -> None:
    shop, push = stage
    hosts = {"metadata.test": ("169.254.169.254",), "other.test": ("fd00:ec2::254",)}
    shown = wait(shop, push, targets="http://metadata.test/\ntcp://other.test:80", hosts=hosts)
    assert (shown.exit_code, shown.outputs["verdict"], shown.outputs["result"]) == (2, "error", "misconfigured")
    assert "is a cloud's metadata service; refused unless `allow-hosts` names it" in shown.log
    assert float(shown.outputs["elapsed-seconds"]) < 5
